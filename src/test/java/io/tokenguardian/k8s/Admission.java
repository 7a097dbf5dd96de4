package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cel.common.types.SimpleType;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicySpec;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.Variable;
import io.fabric8.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Simulates what an API server does with policies and a new pod, once for each binding that selects the pod. It
 * evaluates the match conditions, which don't see the namespace. Then it applies one JSON patch after another, each to
 * the result of the previous patch. Patch values are {@linkplain PatchValue converted}, as on the server. The server
 * evaluates a variable for each patch that needs it, and Kyverno evaluates it only for the first.
 */
final class Admission {
    /** A namespace without labels and annotations. */
    static final JsonNode NAMESPACE = JsonNodeFactory.instance
            .objectNode()
            .set("metadata", JsonNodeFactory.instance.objectNode().put("name", "default"));

    private static final ObjectMapper JSON = new ObjectMapper();

    private final boolean isKyverno;
    private final List<Bound> bindings = new ArrayList<>();

    private record Bound(MutatingAdmissionPolicySpec policy, Selection selection) {}

    /** @param objects policies and their bindings, and any other objects */
    Admission(List<HasMetadata> objects) {
        this(objects, false);
    }

    /** @param isKyverno whether Kyverno evaluates the policies */
    Admission(List<HasMetadata> objects, boolean isKyverno) {
        this.isKyverno = isKyverno;
        for (HasMetadata object : objects) {
            if (object instanceof MutatingAdmissionPolicyBinding binding) {
                var resources = binding.getSpec().getMatchResources();
                bindings.add(new Bound(
                        policy(objects, binding.getSpec().getPolicyName()),
                        resources == null
                                ? new Selection(null, null)
                                : new Selection(resources.getObjectSelector(), resources.getNamespaceSelector())));
            }
        }
    }

    /** @param policy a policy whose single binding selects everything that the policy selects */
    Admission(MutatingAdmissionPolicySpec policy) {
        this.isKyverno = false;
        bindings.add(new Bound(policy, new Selection(null, null)));
    }

    /** The policy {@code token-guardian} among {@code objects}. */
    static MutatingAdmissionPolicySpec policy(List<HasMetadata> objects) {
        return policy(objects, "token-guardian");
    }

    private static MutatingAdmissionPolicySpec policy(List<HasMetadata> objects, String name) {
        return objects.stream()
                .filter(object -> object instanceof MutatingAdmissionPolicy
                        && object.getMetadata().getName().equals(name))
                .map(object -> ((MutatingAdmissionPolicy) object).getSpec())
                .findFirst()
                .orElseThrow();
    }

    /** Returns {@code pod} as it is stored, in {@link #NAMESPACE}. */
    JsonNode admit(JsonNode pod) {
        return admit(pod, NAMESPACE);
    }

    /** Returns {@code pod} as it is stored. */
    JsonNode admit(JsonNode pod, JsonNode namespace) {
        JsonNode admitted = pod;
        for (Bound binding : bindings) {
            var constraints = binding.policy().getMatchConstraints();
            Selection constraint = new Selection(constraints.getObjectSelector(), constraints.getNamespaceSelector());
            if (constraint.matches(pod, namespace)
                    && binding.selection().matches(pod, namespace)
                    && conditionsHold(binding.policy(), Map.of("object", object(admitted)))) {
                admitted = mutated(binding.policy(), admitted, namespace);
            }
        }
        return admitted;
    }

    private JsonNode mutated(MutatingAdmissionPolicySpec policy, JsonNode pod, JsonNode namespace) {
        JsonNode mutated = pod;
        Map<String, Object> evaluated = new HashMap<>();
        for (var mutation : policy.getMutations()) {
            assertThat(mutation.getPatchType()).isEqualTo("JSONPatch");
            String expression = mutation.getJsonPatch().getExpression();
            Map<String, Object> bound = Map.of("object", object(mutated), "namespaceObject", object(namespace));
            if (!isKyverno) {
                evaluated.clear();
            }
            JsonNode patch = written(operations(PolicyCel.patches(expression, variables(policy), bound, evaluated)));
            if (testsHold(patch, mutated)) {
                mutated = JsonPatch.apply(patch, mutated);
            }
        }
        return mutated;
    }

    private static Map<String, String> variables(MutatingAdmissionPolicySpec policy) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (Variable variable : policy.getVariables()) {
            variables.put(variable.getName(), variable.getExpression());
        }
        return variables;
    }

    static Map<String, Object> object(JsonNode document) {
        return JSON.convertValue(document, new TypeReference<Map<String, Object>>() {});
    }

    /**
     * Whether the {@code test} operations of a patch succeed. They must come first. If one fails, the server drops the
     * patch.
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

    /** Returns the JSON that the value of {@code expression} becomes in a patch. */
    static JsonNode patchValue(String expression) {
        Object patch = PolicyCel.patches(
                "[JSONPatch{op: 'add', value: " + expression + "}]", Map.of(), Map.of(), new HashMap<>());
        return written(operations(patch)).path(0).path("value");
    }

    /** Splits a patch into operations, as {@code json_patch.go} does. */
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

    private static boolean conditionsHold(MutatingAdmissionPolicySpec policy, Map<String, Object> bindings) {
        return policy.getMatchConditions().stream()
                .allMatch(condition -> Boolean.TRUE.equals(
                        PolicyCel.evaluate(SimpleType.BOOL, condition.getExpression(), Map.of(), bindings)));
    }

    /** Converts a value to JSON, in which numbers have no size. */
    private static JsonNode written(Object value) {
        try {
            return JSON.readTree(JSON.writeValueAsBytes(value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
