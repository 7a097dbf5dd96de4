package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files of the admission policies. {@link InjectionIT} has what the policies do to pods. */
class InjectionTest {
    private static List<JsonNode> rendered(String directory, String kinds) {
        return KyvernoInjectionTest.rendered(directory, kinds);
    }

    @ParameterizedTest
    @CsvSource({
        "., v1",
        "v1, v1",
        "v1beta1, v1beta1",
        "transparent, v1",
        "transparent/v1, v1",
        "transparent/v1beta1, v1beta1"
    })
    void eachVersionHasThePolicyAndItsBinding(String directory, String version) {
        assertThat(rendered(directory, "Mutating.*"))
                .hasSize(3)
                .allMatch(
                        object -> object.path("apiVersion").asText().equals("admissionregistration.k8s.io/" + version));
        assertThat(rendered(directory, "Validating.*")).hasSize(5).isEqualTo(rendered("v1", "Validating.*"));
        ObjectNode expected =
                rendered("v1", "MutatingAdmissionPolicy").get(0).path("spec").deepCopy();
        if (directory.startsWith("transparent")) {
            ((ObjectNode) expected.at("/variables/2")).put("expression", "\"transparent\"");
        }
        assertThat(rendered(directory, "MutatingAdmissionPolicy").get(0).path("spec"))
                .isEqualTo(expected);
        assertThat(rendered(directory, "MutatingAdmissionPolicyBinding"))
                .hasSize(2)
                .allMatch(binding -> binding.at("/spec/policyName").asText().equals("token-guardian"));
    }
}
