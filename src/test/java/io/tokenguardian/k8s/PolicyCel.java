package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypes;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.validator.CelValidatorFactory;
import dev.cel.validator.validators.HomogeneousLiteralValidator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The CEL of an API server's admission policies: {@code object}, which is of any type, {@code namespaceObject} and
 * {@code variables}, of which each has the type that its expression has; strings, quantities, and comprehensions of two
 * variables. {@code Object} and {@code JSONPatch} are known to mutations alone, and literals have to be of one type
 * ({@code pkg/admission/plugin/cel/compile.go} and {@code composition.go} in {@code k8s.io/apiserver}).
 */
final class PolicyCel {
    private static final CelType PATCHES = ListType.create(PolicyTypes.PATCH);

    private final Map<String, Object> bindings;
    private final Map<String, CelType> types = new HashMap<>();
    private final Map<String, Object> values = new HashMap<>();

    /** @param bindings {@code object}, and {@code namespaceObject} where it is known */
    private PolicyCel(Map<String, Object> bindings) {
        this.bindings = new HashMap<>(bindings);
        this.bindings.put("variables", values);
    }

    /**
     * The value of a condition, a validation or a message.
     *
     * @param variables expressions by name, in order
     * @param result the type that the server wants, exactly
     */
    static Object evaluate(
            CelType result, String expression, Map<String, String> variables, Map<String, Object> bindings) {
        PolicyCel cel = new PolicyCel(bindings).with(variables, expression);
        return cel.value(result, expression, cel.plain());
    }

    /** The patches that a mutation makes. */
    static Object patches(String expression, Map<String, String> variables, Map<String, Object> bindings) {
        PolicyCel cel = new PolicyCel(bindings).with(variables, expression);
        PolicyTypes patches = new PolicyTypes();
        Cel mutating = cel.builder()
                .setTypeProvider(new VariableTypes(cel.types, Optional.of(patches)))
                .setValueProvider(patches)
                .build();
        return cel.value(PATCHES, expression, mutating);
    }

    /**
     * The variables that {@code expression} needs, also by way of others that come before: the server needs no other.
     */
    private PolicyCel with(Map<String, String> variables, String expression) {
        StringBuilder needed = new StringBuilder(expression);
        List<String> names = new ArrayList<>();
        for (String name : Lists.reverse(List.copyOf(variables.keySet()))) {
            if (needed.toString().matches("(?s).*\\bvariables\\." + name + "\\b.*")) {
                needed.append('\n').append(variables.get(name));
                names.add(0, name);
            }
        }
        for (String name : names) {
            String variable = variables.getOrDefault(name, "");
            Cel cel = plain();
            values.put(name, value(SimpleType.DYN, variable, cel));
            types.put(name, compiled(variable, cel).getResultType());
        }
        return this;
    }

    private Cel plain() {
        return builder()
                .setTypeProvider(new VariableTypes(types, Optional.empty()))
                .build();
    }

    private CelBuilder builder() {
        return CelFactory.plannerCelBuilder()
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addCompilerLibraries(CelExtensions.comprehensions(), CelExtensions.strings())
                .addRuntimeLibraries(CelExtensions.comprehensions(), CelExtensions.strings())
                .addFunctionDeclarations(PolicyQuantities.DECLARATIONS)
                .addFunctionBindings(PolicyQuantities.BINDINGS)
                .addVar("object", SimpleType.DYN)
                .addVar("namespaceObject", VariableTypes.NAMESPACE)
                .addVar("variables", VariableTypes.struct("kubernetes.variables", ImmutableMap.copyOf(types)));
    }

    private Object value(CelType result, String expression, Cel cel) {
        CelAbstractSyntaxTree ast = compiled(expression, cel);
        if (!result.equals(SimpleType.DYN)) {
            assertThat(CelTypes.format(ast.getResultType())).isEqualTo(CelTypes.format(result));
        }
        try {
            return cel.createProgram(ast).eval(bindings);
        } catch (CelEvaluationException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    private static CelAbstractSyntaxTree compiled(String expression, Cel cel) {
        try {
            CelAbstractSyntaxTree ast = cel.compile(expression).getAst();
            var validated = CelValidatorFactory.standardCelValidatorBuilder(cel)
                    .addAstValidators(HomogeneousLiteralValidator.newInstance())
                    .build()
                    .validate(ast);
            assertThat(validated.hasError()).as(validated.getIssueString()).isFalse();
            return ast;
        } catch (CelValidationException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }
}
