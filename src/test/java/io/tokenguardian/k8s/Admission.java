package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.Lists;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypes;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.validator.CelValidatorFactory;
import dev.cel.validator.validators.HomogeneousLiteralValidator;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicySpec;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.Variable;
import io.fabric8.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an API server does with a policy and a new pod: selector, match conditions, then one JSON patch after the other,
 * each of what the one before has made. As there, a variable is evaluated for each patch that needs it, {@code Object}
 * and {@code JSONPatch} are known to mutations alone, literals have to be of one type, and the values of patches are
 * {@linkplain PatchValue converted}.
 */
final class Admission {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final CelType PATCHES = ListType.create(PolicyTypes.PATCH);

    private final MutatingAdmissionPolicySpec policy;

    Admission(MutatingAdmissionPolicySpec policy) {
        this.policy = policy;
    }

    /** {@code pod} as it is stored. */
    JsonNode admit(JsonNode pod) {
        if (!isSelected(pod) || !conditionsHold(Map.of("object", object(pod)))) {
            return pod;
        }
        JsonNode admitted = pod;
        for (var mutation : policy.getMutations()) {
            assertThat(mutation.getPatchType()).isEqualTo("JSONPatch");
            String expression = mutation.getJsonPatch().getExpression();
            JsonNode patch =
                    written(operations(evaluate(mutating(), PATCHES, expression, bindings(admitted, expression))));
            if (testsHold(patch, admitted)) {
                admitted = JsonPatch.apply(patch, admitted);
            }
        }
        return admitted;
    }

    private static Map<String, Object> object(JsonNode pod) {
        return JSON.convertValue(pod, new TypeReference<Map<String, Object>>() {});
    }

    /** The pod, and those variables that {@code expression} needs, also by way of others that come before them. */
    private Map<String, Object> bindings(JsonNode pod, String expression) {
        StringBuilder needed = new StringBuilder(expression);
        List<Variable> variables = new ArrayList<>();
        for (Variable variable : Lists.reverse(policy.getVariables())) {
            if (needed.toString().matches("(?s).*\\bvariables\\." + variable.getName() + "\\b.*")) {
                needed.append(variable.getExpression());
                variables.add(0, variable);
            }
        }
        Map<String, Object> values = new HashMap<>();
        Map<String, Object> bindings = Map.of("object", object(pod), "variables", values);
        for (Variable variable : variables) {
            values.put(variable.getName(), evaluate(plain(), SimpleType.DYN, variable.getExpression(), bindings));
        }
        return bindings;
    }

    /**
     * Whether what its operations {@code test} is so; they have to come first. Otherwise the server drops the patch.
     */
    private static boolean testsHold(JsonNode patch, JsonNode pod) {
        for (JsonNode operation : patch) {
            if (operation.path("op").asText().equals("test")
                    && !pod.at(operation.path("path").asText()).equals(operation.path("value"))) {
                return false;
            }
        }
        return true;
    }

    /** The JSON of the value that {@code expression} is in a patch. */
    static JsonNode patchValue(String expression) {
        Object patch = evaluate(mutating(), PATCHES, "[JSONPatch{op: 'add', value: " + expression + "}]", Map.of());
        return written(operations(patch)).path(0).path("value");
    }

    /** As {@code json_patch.go} takes them apart. */
    private static List<Map<String, Object>> operations(Object patch) {
        List<Map<String, Object>> operations = new ArrayList<>();
        for (Object element : (List<?>) patch) {
            Map<String, Object> operation = new HashMap<>();
            ((Map<?, ?>) element)
                    .forEach((name, value) ->
                            operation.put(name.toString(), name.equals("value") ? PatchValue.converted(value) : value));
            operations.add(operation);
        }
        return operations;
    }

    private boolean isSelected(JsonNode pod) {
        var selector = policy.getMatchConstraints().getObjectSelector();
        assertThat(selector.getMatchExpressions()).isEmpty();
        return selector.getMatchLabels().entrySet().stream()
                .allMatch(label -> label.getValue()
                        .equals(pod.path("metadata")
                                .path("labels")
                                .path(label.getKey())
                                .asText()));
    }

    private boolean conditionsHold(Map<String, Object> bindings) {
        return policy.getMatchConditions().stream()
                .allMatch(condition ->
                        Boolean.TRUE.equals(evaluate(plain(), SimpleType.BOOL, condition.getExpression(), bindings)));
    }

    private static Cel plain() {
        return CelFactory.plannerCelBuilder()
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addCompilerLibraries(CelExtensions.comprehensions())
                .addRuntimeLibraries(CelExtensions.comprehensions())
                .addVar("object", SimpleType.DYN)
                .addVar("variables", MapType.create(SimpleType.STRING, SimpleType.DYN))
                .build();
    }

    private static Cel mutating() {
        PolicyTypes types = new PolicyTypes();
        return CelFactory.plannerCelBuilder()
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addCompilerLibraries(CelExtensions.comprehensions())
                .addRuntimeLibraries(CelExtensions.comprehensions())
                .addVar("object", SimpleType.DYN)
                .addVar("variables", MapType.create(SimpleType.STRING, SimpleType.DYN))
                .setTypeProvider(types)
                .setValueProvider(types)
                .build();
    }

    /** @param result the type that the server wants of it, exactly; {@code dyn} is any */
    private static Object evaluate(Cel cel, CelType result, String expression, Map<String, Object> bindings) {
        try {
            CelAbstractSyntaxTree ast = cel.compile(expression).getAst();
            if (!result.equals(SimpleType.DYN)) {
                assertThat(CelTypes.format(ast.getResultType())).isEqualTo(CelTypes.format(result));
            }
            var validated = CelValidatorFactory.standardCelValidatorBuilder(cel)
                    .addAstValidators(HomogeneousLiteralValidator.newInstance())
                    .build()
                    .validate(ast);
            assertThat(validated.hasError()).as(validated.getIssueString()).isFalse();
            return cel.createProgram(ast).eval(bindings);
        } catch (CelValidationException | CelEvaluationException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    /** As JSON has it, where a number has no size. */
    private static JsonNode written(Object value) {
        try {
            return JSON.readTree(JSON.writeValueAsBytes(value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
