package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The files of the admission policies. {@link InjectionIT} has what the policies do to pods. */
class InjectionTest {
    private static List<JsonNode> rendered(String kinds) {
        return Manifests.documents(Kubectl.find().kustomize(Manifests.ROOT.resolve("injection"))).stream()
                .filter(object -> object.path("kind").asText().matches(kinds))
                .toList();
    }

    @Test
    void thereAreThreePoliciesWithTheirBindings() {
        assertThat(rendered(".*"))
                .hasSize(8)
                .allMatch(object -> object.path("apiVersion").asText().equals("admissionregistration.k8s.io/v1"));
        assertThat(rendered("MutatingAdmissionPolicy")).hasSize(1);
        assertThat(rendered("MutatingAdmissionPolicyBinding"))
                .hasSize(2)
                .allMatch(binding -> binding.at("/spec/policyName").asText().equals("token-guardian"));
        assertThat(rendered("ValidatingAdmissionPolicy")).hasSize(2);
    }
}
