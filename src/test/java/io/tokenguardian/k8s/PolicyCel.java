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
import dev.cel.runtime.CelRuntime;
import dev.cel.validator.CelValidatorFactory;
import dev.cel.validator.validators.HomogeneousLiteralValidator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The CEL of an API server's admission policies. It has {@code object}, which has any type, {@code namespaceObject},
 * and {@code variables}, each with the type of its expression. It also has strings, quantities, and comprehensions with
 * two variables. Only mutations know {@code Object} and {@code JSONPatch}, and the elements of a literal must have the
 * same type ({@code pkg/admission/plugin/cel/compile.go} and {@code composition.go} in {@code k8s.io/apiserver}).
 */
final class PolicyCel {
    private static final CelType PATCHES = ListType.create(PolicyTypes.PATCH);

    /** A cache, because compiling takes far longer than evaluating, and many pods use the same expressions. */
    private static final Map<Source, Compiled> COMPILED = new ConcurrentHashMap<>();

    /**
     * Everything that determines the meaning of an expression.
     *
     * @param variables the expressions of the variables that it can use, by name
     */
    private record Source(String expression, Map<String, String> variables, boolean inMutation) {}

    private record Compiled(CelType type, CelRuntime.Program program) {}

    private final Map<String, Object> bindings;
    private final Map<String, String> sources = new HashMap<>();
    private final Map<String, CelType> types = new HashMap<>();
    private final Map<String, Object> values = new HashMap<>();

    /** @param bindings {@code object} and, if known, {@code namespaceObject} */
    private PolicyCel(Map<String, Object> bindings) {
        this.bindings = new HashMap<>(bindings);
        this.bindings.put("variables", values);
    }

    /**
     * Returns the value of a condition, a validation or a message.
     *
     * @param variables expressions by name, in order
     * @param result the exact type that the server requires
     */
    static Object evaluate(
            CelType result, String expression, Map<String, String> variables, Map<String, Object> bindings) {
        return new PolicyCel(bindings).with(variables, expression).value(result, expression, false);
    }

    /**
     * Returns the patches that a mutation creates.
     *
     * @param evaluated the values of the variables that have been evaluated before, by name; gets the others that the
     *     mutation needs
     */
    static Object patches(
            String expression,
            Map<String, String> variables,
            Map<String, Object> bindings,
            Map<String, Object> evaluated) {
        PolicyCel cel = new PolicyCel(bindings);
        cel.values.putAll(evaluated);
        Object patches = cel.with(variables, expression).value(PATCHES, expression, true);
        evaluated.putAll(cel.values);
        return patches;
    }

    /**
     * Adds the variables that {@code expression} needs, directly or through earlier variables. The server evaluates no
     * others.
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
            Compiled compiled = compiled(variable, false);
            if (!values.containsKey(name)) {
                values.put(name, value(compiled));
            }
            types.put(name, compiled.type());
            sources.put(name, variable);
        }
        return this;
    }

    private Object value(CelType result, String expression, boolean inMutation) {
        Compiled compiled = compiled(expression, inMutation);
        assertThat(CelTypes.format(compiled.type())).isEqualTo(CelTypes.format(result));
        return value(compiled);
    }

    private Object value(Compiled compiled) {
        try {
            return compiled.program().eval(bindings);
        } catch (CelEvaluationException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    private Compiled compiled(String expression, boolean inMutation) {
        return COMPILED.computeIfAbsent(
                new Source(expression, Map.copyOf(sources), inMutation),
                source -> compile(expression, inMutation ? mutating() : plain()));
    }

    private Cel plain() {
        return builder()
                .setTypeProvider(new VariableTypes(types, Optional.empty()))
                .build();
    }

    private Cel mutating() {
        PolicyTypes patches = new PolicyTypes();
        return builder()
                .setTypeProvider(new VariableTypes(types, Optional.of(patches)))
                .setValueProvider(patches)
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

    private static Compiled compile(String expression, Cel cel) {
        try {
            CelAbstractSyntaxTree ast = cel.compile(expression).getAst();
            var validated = CelValidatorFactory.standardCelValidatorBuilder(cel)
                    .addAstValidators(HomogeneousLiteralValidator.newInstance())
                    .build()
                    .validate(ast);
            assertThat(validated.hasError()).as(validated.getIssueString()).isFalse();
            return new Compiled(ast.getResultType(), cel.createProgram(ast));
        } catch (CelValidationException | CelEvaluationException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }
}
