package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.InstallCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How {@code helm install} renders the chart for a cluster, and what it prints for the user. */
class ChartInstallTest {
    @TempDir
    Path directory = Path.of("");

    private final Chart chart = Chart.find();

    private InstallCommand install(String release, String namespace, String values) throws IOException {
        return chart.helm()
                .install()
                .withName(release)
                .withNamespace(namespace)
                .withValuesFile(Files.writeString(directory.resolve("values.yaml"), values));
    }

    private static String into(Cluster cluster, InstallCommand install) {
        return install.withKubeConfigContents(cluster.kubeconfig())
                .disableOpenApiValidation()
                .withDryRunOption(DryRun.SERVER)
                .call()
                .getOutput();
    }

    @ParameterizedTest
    @CsvSource({"1.36.0, v1, v1beta1, v1", "1.35.2, v1beta1, v1beta1, v1beta1", "1.37.0, v1, v1, v1"})
    void thePolicyIsOfTheApiThatTheClusterServes(String version, String one, String other, String taken)
            throws IOException {
        try (Cluster cluster =
                new Cluster(version, one.equals(other) ? new String[] {one} : new String[] {one, other})) {
            into(cluster, install("token-guardian", "token-guardian", "{}"));

            assertThat(cluster.asked())
                    .filteredOn(path -> path.endsWith("/mutatingadmissionpolicies/token-guardian"))
                    .containsExactly("/apis/admissionregistration.k8s.io/" + taken
                            + "/mutatingadmissionpolicies/token-guardian");
        }
    }

    /** Without the feature gate, a cluster has no policy, whatever its version. */
    @ParameterizedTest
    @CsvSource({"1.35.2", "1.36.0"})
    void aClusterWithoutThePolicyIsToldWhatItTakes(String version) throws IOException {
        try (Cluster cluster = new Cluster(version)) {
            assertThatThrownBy(() -> into(cluster, install("token-guardian", "token-guardian", "{}")))
                    .hasMessageContaining(
                            "this cluster (v" + version + ") has no MutatingAdmissionPolicy. Kubernetes 1.36")
                    .hasMessageContaining(" has it, and 1.34 with what k8s/injection/v1beta1 names. ")
                    .hasMessageContaining("set injection.enabled=false, and add the guardian by k8s/sidecar");
            assertThat(into(cluster, install("token-guardian", "token-guardian", "{injection: {enabled: false}}")))
                    .contains("STATUS: pending-install");
        }
    }

    /** Objects outside the release's namespace have fixed names. */
    @Test
    void aSecondReleaseIsRefusedAsThePageQuotes() throws IOException {
        String page = Manifests.text(Path.of("docs/kubernetes.md"));
        String quoted = page.split("Error: INSTALLATION FAILED: ", -1)[1].split("```", -1)[0];
        try (Cluster cluster = new Cluster("1.36.0", "v1")) {
            cluster.install(chart.render("1.36.0", Map.of()), "token-guardian", "token-guardian");

            assertThatThrownBy(() -> into(cluster, install("second", "elsewhere", "{}")))
                    .hasMessageContaining(quoted.strip().replace('\n', ' '));
        }
    }

    private String notes(String values) throws IOException {
        return install("release", "watch", values)
                .clientOnly()
                .withDryRunOption(DryRun.CLIENT)
                .withKubeVersion("1.36.0")
                .call()
                .getOutput()
                .split("NOTES:\n", -1)[1];
    }

    @Test
    void theNotesSayHowAPodAsksAndHowToSeeThatItWorks() throws IOException {
        String notes = notes("{injection: {mode: transparent}}");

        JsonNode metadata = Manifests.documents(
                        notes.substring(notes.indexOf("  metadata:"), notes.indexOf("All new pods of a namespace")))
                .get(0)
                .path("metadata");
        assertThat(metadata.path("labels").path("token-guardian.io/inject").textValue())
                .isEqualTo("true");
        assertThat(metadata.path("annotations").path("token-guardian.io/mode").textValue())
                .isEqualTo("transparent");
        assertThat(notes)
                .contains("kubectl label namespace NAMESPACE token-guardian.io/inject=true\n")
                .contains("custom-columns='POD:.metadata.name,FIRST:.spec.initContainers[0].name'\n")
                .contains("kubectl --namespace watch port-forward deploy/token-guardian-observer 8002\n")
                .contains("The image token-guardian:0.1.0 has no registry.")
                .doesNotContain("namespaceSelector", "validation", "no admission policy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "injection: {namespaceLabel: false}|label namespace|",
                "injection: {namespaceSelector: {matchLabels: {a: b}}}||that injection.namespaceSelector selects",
                "injection: {validation: false}||A pod with a wrong annotation starts without the guardian",
                "injection: {enabled: false}|A pod gets the guardian|No admission policy is installed",
                "observer: {enabled: false}|port-forward|",
                "image: {repository: registry.example.com/token-guardian}|has no registry|"
            })
    void theNotesAreRightForOtherValues(String values, @Nullable String not, @Nullable String said) throws IOException {
        String notes = notes("{" + values + "}");

        assertThat(notes).contains(said == null ? "" : said).doesNotContain(not == null ? "<no value>" : not);
    }
}
