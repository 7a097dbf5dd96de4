package io.tokenguardian.k8s;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.testing.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the chart adds to the manifests, and its default values. */
class ChartTest {
    @TempDir
    Path directory = Path.of("");

    private final Chart chart = Chart.find();

    @Test
    void lintFindsNothing() {
        assertThat(chart.lint())
                .contains("1 chart(s) linted, 0 chart(s) failed")
                .doesNotContain("[");
    }

    /** Not links, because Flux' source-controller refuses a chart with links. */
    @Test
    void itsFilesAreCopiesOfTheManifests() throws IOException {
        Stream<String> manifests = Stream.of(
                "injection/parameters",
                "injection/policy",
                "injection/validation",
                "observer/observer",
                "rbac/pod-condition/role",
                "rbac/pod-condition/policy",
                "monitoring/podmonitor",
                "monitoring/rules");
        Path files = Chart.DIRECTORY.resolve("files");

        Manifests.assertGolden(
                files.resolve("manifests.yaml"),
                manifests
                        .map(name -> Manifests.text(Manifests.ROOT.resolve(name + ".yaml")))
                        .collect(joining("---\n")));
        Manifests.assertGolden(
                files.resolve("dashboard.json"), Manifests.text(Manifests.ROOT.resolve("monitoring/dashboard.json")));
        try (Stream<Path> all = Files.walk(Chart.DIRECTORY)) {
            assertThat(all).noneMatch(Files::isSymbolicLink);
        }
    }

    /** {@code check-version} compares the chart's version in these manifests. */
    @ParameterizedTest
    @CsvSource({"argo-cd, /spec/source/helm/valuesObject", "flux, /spec/values"})
    void theManifestForGitOpsHasValuesThatTheChartKnows(String name, String values) {
        JsonNode set = Manifests.documents(Manifests.text(Manifests.ROOT.resolve("gitops/" + name + ".yaml"))).stream()
                .map(object -> object.at(values))
                .filter(JsonNode::isObject)
                .findFirst()
                .orElseThrow();

        Map<String, String> all = new LinkedHashMap<>();
        set.properties()
                .forEach(value -> all.put(value.getKey(), value.getValue().toString()));

        assertThat(chart.render("1.36.0", all)).contains("kind: MutatingAdmissionPolicy");
    }

    @Test
    void byDefaultItHasThePolicyAndTheObserver() {
        List<JsonNode> expected = new ArrayList<>(kustomized("injection"));
        expected.addAll(kustomized("observer"));
        expected.removeIf(object -> object.path("kind").asText().equals("Namespace"));

        assertThat(Chart.unlabelled(chart.render("1.36.0", Map.of())))
                .filteredOn(object -> !object.path("kind").asText().equals("Pod"))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void itHasTheRolesAndTheMonitoringOfTheManifests() {
        Map<String, String> values =
                new LinkedHashMap<>(Map.of("injection.enabled", "false", "observer.enabled", "false"));
        values.put("rbac.podCondition", "true");
        values.put("monitoring.podMonitors", "true");
        values.put("monitoring.rules", "true");
        values.put("monitoring.dashboard", "true");
        List<JsonNode> expected = new ArrayList<>(kustomized("rbac/pod-condition"));
        List<JsonNode> monitoring = kustomized("monitoring");
        monitoring.forEach(object -> ((ObjectNode) object.path("metadata")).put("namespace", "token-guardian"));
        expected.addAll(monitoring);

        assertThat(Chart.unlabelled(chart.render("1.36.0", values))).containsExactlyInAnyOrderElementsOf(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "injection.mode|prxy",
                "injection.moed|gate",
                "image.tag|latest",
                "image.digest|sha256:ab",
                "image.registry|registry.example.com/path",
                "injection.ports.http|0",
                "injection.ports.management|65536",
                "injection.resources.limits.memory|lots",
                "injection.resources.requests.cpu|\"\"",
                "injection.resources.limits.cpu|-1",
                "observer.extraEnv|{A: b}",
                "rbac.serviceAccounts|[default]",
                "image.repository|https://registry.example.com",
                "monitoring.rules|yes please",
                "injection.namespaceSelector|{team: pipelines}",
                "nameOverride|other"
            })
    void aValueThatSaysNothingIsRefusedByItsPath(String path, String value) {
        assertThatThrownBy(() -> chart.render("1.36.0", Map.of(path, value)))
                .hasMessageContaining("values don't meet the specifications of the schema");
    }

    /** A null removes the default. If it were rendered into the policy, no pod could start. */
    @ParameterizedTest
    @MethodSource("values")
    void aValueThatIsNullIsRefusedOrIsNone(String path) {
        Map<String, String> values = new LinkedHashMap<>(
                Map.of("monitoring.rules", "true", "monitoring.dashboard", "true", "rbac.podCondition", "true"));
        values.put(path, "null");

        String rendered;
        try {
            rendered = chart.render("1.36.0", values);
        } catch (AssertionError e) {
            assertThat(e).hasMessageContaining("values don't meet the specifications of the schema");
            return;
        }

        assertThat(rendered).doesNotContain("<nil>", "%!q", "<no value>");
        assertThat(Manifests.documents(rendered))
                .filteredOn(object -> object.path("kind").asText().equals("MutatingAdmissionPolicy"))
                .allSatisfy(policy -> assertThat(policy.path("spec").path("variables"))
                        .allSatisfy(variable ->
                                assertThat(variable.path("expression").asText()).isNotEmpty()));
    }

    static Stream<String> values() {
        return Stream.concat(
                Chart.valuePaths().stream(),
                Stream.of(
                        "image",
                        "injection",
                        "injection.ports",
                        "injection.resources",
                        "injection.resources.requests",
                        "injection.resources.limits",
                        "observer",
                        "rbac",
                        "monitoring"));
    }

    /** Otherwise every pod would have the wrong request. */
    @ParameterizedTest
    @CsvSource({
        "limits.memory, 63Mi, 'requests.memory is 64Mi, above injection.resources.limits.memory, which is 63Mi'",
        "limits.memory, 67108863, 'requests.memory is 64Mi, above injection.resources.limits.memory, which is 671088'",
        "requests.memory, 1G, 'requests.memory is 1G, above injection.resources.limits.memory, which is 256Mi'",
        "limits.cpu, 9m, 'requests.cpu is 10m, above injection.resources.limits.cpu, which is 9m'"
    })
    void aRequestAboveItsLimitIsRefused(String value, String quantity, String line) {
        assertThatThrownBy(() -> chart.render("1.36.0", Map.of("injection.resources." + value, quantity)))
                .hasMessageContaining("injection.resources." + line);
    }

    /** A namespace can have only one role with a given name. */
    @Test
    void aNamespaceThatIsNamedTwiceHasEachRoleOnce() {
        String rendered = chart.render(
                "1.36.0",
                Map.of(
                        "injection.enabled",
                        "false",
                        "observer.enabled",
                        "false",
                        "rbac.podCondition",
                        "true",
                        "rbac.serviceAccounts",
                        "[{namespace: a, names: [x]}, {namespace: a, names: [z, x]}]"));

        assertThat(Manifests.documents(rendered))
                .extracting(object -> object.path("kind").asText())
                .containsExactly(
                        "Role", "RoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding");
        assertThat(Manifests.documents(rendered).get(1).path("subjects"))
                .extracting(subject -> subject.path("name").asText())
                .containsExactly("x", "z");
    }

    @Test
    void thePackagedChartHasTheManifestsThemselves() throws IOException {
        Path archive = Chart.at(Chart.DIRECTORY).packaged(directory);

        assertThat(archive.getFileName()).hasToString("token-guardian-" + ImageTest.version() + ".tgz");
        assertThat(Chart.at(archive).render("1.36.0", Map.of()))
                .isEqualTo(Chart.at(Chart.DIRECTORY).render("1.36.0", Map.of()));
    }

    private static List<JsonNode> kustomized(String kustomization) {
        return Manifests.documents(Kubectl.find()
                .kustomize(Manifests.ROOT.resolve(kustomization))
                .replace("namespace: kube-system", "namespace: token-guardian"));
    }

    void aQuantityMayBeANumber(String value, String number, String annotation, String written) {
        String rendered = chart.render("1.36.0", Map.of("injection.resources." + value, number));

        assertThat(rendered).contains("\"" + annotation + "\": \"" + written + "\",");
    }

    @ParameterizedTest
    @CsvSource({"limits.memory, 64Mi", "limits.memory, 67108864", "requests.memory, 0.25Gi", "limits.cpu, 0.01"})
    void aRequestUpToItsLimitIsAllowed(String value, String quantity) {
        assertThat(chart.render("1.36.0", Map.of("injection.resources." + value, quantity)))
                .contains(quantity);
    }

    /** Labels are strings, and a release can be named {@code 1e3}. */
    @Test
    void theNameOfAReleaseThatIsANumberStaysText() {
        String rendered = Helm.find().run("template", "1e3", Chart.DIRECTORY.toString(), "--kube-version=1.36.0");

        assertThat(Manifests.documents(rendered))
                .allSatisfy(object -> assertThat(object.path("metadata")
                                .path("labels")
                                .path("app.kubernetes.io/instance")
                                .textValue())
                        .isEqualTo("1e3"));
    }
}
