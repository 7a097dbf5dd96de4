package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.types.SimpleType;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicySpec;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.Variable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Simulates what an API server does with a pod after all mutations: it runs each validation of a policy if a binding of
 * the policy selects the pod. If a message has more than one line or more than 5 KiB, the validation's fixed message
 * replaces it ({@code pkg/admission/plugin/policy/validating/validator.go} in {@code k8s.io/apiserver}).
 */
final class Validation {
    /** The limit in bytes: {@code MaxEvaluatedMessageExpressionSizeBytes} in {@code pkg/apis/cel/config.go}. */
    private static final int MAXIMUM_MESSAGE = 5 * 1024;

    private final ValidatingAdmissionPolicySpec policy;
    private final List<Selection> bindings = new ArrayList<>();

    private Validation(List<HasMetadata> objects, String name, String action) {
        policy = objects.stream()
                .filter(ValidatingAdmissionPolicy.class::isInstance)
                .filter(object -> object.getMetadata().getName().equals(name))
                .map(object -> ((ValidatingAdmissionPolicy) object).getSpec())
                .findFirst()
                .orElseThrow();
        for (HasMetadata object : objects) {
            if (object instanceof ValidatingAdmissionPolicyBinding binding
                    && binding.getSpec().getPolicyName().equals(name)) {
                assertThat(binding.getSpec().getValidationActions()).containsExactly(action);
                var resources = binding.getSpec().getMatchResources();
                bindings.add(new Selection(resources.getObjectSelector(), resources.getNamespaceSelector()));
            }
        }
    }

    /**
     * Returns the policy that refuses pods.
     *
     * @param objects that policy and its bindings, and any other objects
     */
    static Validation refusing(List<HasMetadata> objects) {
        return new Validation(objects, "token-guardian", "Deny");
    }

    /**
     * Returns the policy that warns about pods.
     *
     * @param objects that policy and its bindings, and any other objects
     */
    static Validation warning(List<HasMetadata> objects) {
        return new Validation(objects, "token-guardian-warning", "Warn");
    }

    /** Returns the distinct messages with which {@code pod} is refused, or that warn about it. */
    List<String> messages(JsonNode pod, JsonNode namespace) {
        var constraints = policy.getMatchConstraints();
        boolean isSelected = new Selection(constraints.getObjectSelector(), constraints.getNamespaceSelector())
                        .matches(pod, namespace)
                && bindings.stream().anyMatch(binding -> binding.matches(pod, namespace));
        Map<String, Object> bound =
                Map.of("object", Admission.object(pod), "namespaceObject", Admission.object(namespace));
        return !isSelected
                ? List.of()
                : policy.getValidations().stream()
                        .filter(validation -> !Boolean.TRUE.equals(
                                PolicyCel.evaluate(SimpleType.BOOL, validation.getExpression(), variables(), bound)))
                        .map(validation -> message(validation, bound))
                        .toList();
    }

    private String message(
            io.fabric8.kubernetes.api.model.admissionregistration.v1.Validation failed, Map<String, Object> bound) {
        String message =
                (String) PolicyCel.evaluate(SimpleType.STRING, failed.getMessageExpression(), variables(), bound);
        if (message.contains("\n") || message.getBytes(StandardCharsets.UTF_8).length > MAXIMUM_MESSAGE) {
            message = failed.getMessage();
        }
        assertThat(message).isNotBlank();
        return message;
    }

    private Map<String, String> variables() {
        Map<String, String> variables = new LinkedHashMap<>();
        for (Variable variable : policy.getVariables()) {
            variables.put(variable.getName(), variable.getExpression());
        }
        return variables;
    }
}
