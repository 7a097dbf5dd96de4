package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The policies of {@code k8s/injection/kyverno}, whose mutations {@link InjectionIT} tests. */
class KyvernoInjectionTest {
    static final String HEADING = "The policy with Kyverno";

    private static final Path INJECTION = Manifests.ROOT.resolve("injection");

    static List<JsonNode> rendered(String directory, String kinds) {
        return ofKind(kinds, Kubectl.find().kustomize(INJECTION.resolve(directory)));
    }

    private static List<JsonNode> ofKind(String kinds, String yaml) {
        return Manifests.documents(yaml).stream()
                .filter(object -> object.path("kind").asText().matches(kinds))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"kyverno, v1", "transparent/kyverno, transparent/v1"})
    void eachBindingBecomesThePolicyWithTheBindingsSelector(String kyverno, String v1) {
        JsonNode policy = rendered(v1, "MutatingAdmissionPolicy").get(0);
        List<JsonNode> expected = rendered(v1, "MutatingAdmissionPolicyBinding").stream()
                .map(binding -> {
                    ObjectNode made = binding.deepCopy();
                    made.put("apiVersion", "policies.kyverno.io/v1").put("kind", "MutatingPolicy");
                    made.set("spec", policy.path("spec").deepCopy());
                    binding.at("/spec/matchResources")
                            .properties()
                            .forEach(selector -> made.withObject("/spec/matchConstraints/" + selector.getKey())
                                    .setAll((ObjectNode) selector.getValue()));
                    return (JsonNode) made;
                })
                .toList();

        assertThat(rendered(kyverno, "Mutating.*")).hasSize(2).isEqualTo(expected);
    }

    @Test
    void theKustomizationOfThePageNamesTheRegistryInBothPolicies(@TempDir Path directory) throws IOException {
        assertThat(ofKind("MutatingPolicy", Kubectl.find().kustomizePage(HEADING, directory)))
                .hasSize(2)
                .extracting(policy -> policy.at("/spec/variables/0/expression").asText())
                .containsOnly("\"registry.example.com/token-guardian:" + ImageTest.version() + "\"");
    }

    @Test
    void theValidatingPoliciesAreThoseOfTheAdmissionPolicy() {
        assertThat(rendered("kyverno", "Validating.*")).hasSize(5).isEqualTo(rendered("v1", "Validating.*"));
    }

    /**
     * Kyverno copies the conditions into a webhook. API servers before 1.33 refuse a webhook with a comprehension that
     * has two variables ({@code pkg/cel/environment/base.go} in {@code k8s.io/apiserver}).
     */
    @Test
    void noConditionHasAComprehensionWithTwoVariables() {
        assertThat(rendered("kyverno", "MutatingPolicy").get(0).at("/spec/matchConditions"))
                .hasSize(8)
                .noneMatch(condition ->
                        condition.path("expression").asText().matches("(?s).*\\.\\w+\\(\\s*\\w+,\\s*\\w+,.*"));
    }

    /**
     * Kyverno evaluates a variable only for the first patch that needs it, and an API server for each patch. So no
     * variable that depends on the containers is in both.
     */
    @Test
    void bothMutationsHaveOnlyVariablesThatTheFirstDoesNotChange() {
        JsonNode mutations = rendered("kyverno", "MutatingPolicy").get(0).at("/spec/mutations");

        Set<String> inBoth = variables(mutations.path(0));
        inBoth.retainAll(variables(mutations.path(1)));

        assertThat(inBoth).containsExactlyInAnyOrder("values", "hasAPortOfTheGuardian");
    }

    private static Set<String> variables(JsonNode mutation) {
        return Pattern.compile("variables\\.(\\w+)")
                .matcher(mutation.at("/jsonPatch/expression").asText())
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
