package io.tokenguardian.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import org.jspecify.annotations.Nullable;

/**
 * The objects that a policy or a binding selects. Both selectors must match, and a missing selector matches everything
 * ({@code pkg/admission/plugin/policy/matching/matching.go} in {@code k8s.io/apiserver}).
 *
 * @param object the {@code objectSelector}
 * @param namespace the {@code namespaceSelector}
 */
record Selection(@Nullable LabelSelector object, @Nullable LabelSelector namespace) {

    boolean matches(JsonNode pod, JsonNode itsNamespace) {
        return matches(object, pod) && matches(namespace, itsNamespace);
    }

    private static boolean matches(@Nullable LabelSelector selector, JsonNode selected) {
        JsonNode labels = selected.path("metadata").path("labels");
        return selector == null
                || (selector.getMatchLabels().entrySet().stream()
                                .allMatch(label -> label.getValue()
                                        .equals(labels.path(label.getKey()).textValue()))
                        && selector.getMatchExpressions().stream().allMatch(wanted -> matches(wanted, labels)));
    }

    /** {@code NotIn} also matches an object without the label. */
    private static boolean matches(LabelSelectorRequirement wanted, JsonNode labels) {
        JsonNode label = labels.path(wanted.getKey());
        return switch (wanted.getOperator()) {
            case "Exists" -> label.isTextual();
            case "NotIn" -> !wanted.getValues().contains(label.asText());
            default -> throw new AssertionError("no policy here has " + wanted.getOperator());
        };
    }
}
