package io.tokenguardian.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Kyverno's MutatingPolicies. They have the fields of a MutatingAdmissionPolicy, and need no binding. */
final class KyvernoPolicies {
    private KyvernoPolicies() {}

    /**
     * Renders {@code k8s/injection/kyverno}, with an admission policy and its binding in place of each of Kyverno's
     * policies. Unlike Kyverno's own conversion ({@code pkg/admissionpolicy/builder.go}), this keeps the selectors.
     */
    static List<JsonNode> asAdmissionPolicies() {
        List<JsonNode> objects = new ArrayList<>();
        for (JsonNode object :
                Manifests.documents(Kubectl.find().kustomize(Manifests.ROOT.resolve("injection/kyverno")))) {
            objects.add(object);
            if (object.path("kind").asText().equals("MutatingPolicy")) {
                ObjectNode binding = ((ObjectNode) object)
                        .put("apiVersion", "admissionregistration.k8s.io/v1")
                        .put("kind", "MutatingAdmissionPolicy")
                        .deepCopy();
                binding.put("kind", "MutatingAdmissionPolicyBinding")
                        .putObject("spec")
                        .set("policyName", object.at("/metadata/name"));
                objects.add(binding);
            }
        }
        return objects;
    }
}
