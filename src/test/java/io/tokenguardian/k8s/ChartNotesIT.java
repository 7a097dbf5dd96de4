package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenguardian.envtest.ControlPlane;
import io.tokenguardian.testing.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code helm install} prints for the user. */
@Tag("envtest")
@ResourceLock(PolicyObjects.LOCK)
class ChartNotesIT {
    @TempDir
    Path directory = Path.of("");

    private final ControlPlane plane = ControlPlane.shared();

    @BeforeEach
    void needsThePolicy() {
        PolicyObjects.assumeServed(plane.apiServer(0).admin());
    }

    /** Helm connects to the API server, although it installs nothing. */
    private String notes(String values) throws IOException {
        String kubeconfig = plane.files().kubeconfig(plane.apiServer(0).url().toString());
        return Helm.find()
                .run(
                        "install",
                        "release",
                        Chart.DIRECTORY.toString(),
                        "--namespace=watch",
                        "--values=" + Files.writeString(directory.resolve("values.yaml"), values),
                        "--dry-run=client",
                        "--kubeconfig=" + Files.writeString(directory.resolve("kubeconfig"), kubeconfig))
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
                "image: {registry: registry.example.com}|has no registry|"
            })
    void theNotesAreRightForOtherValues(String values, @Nullable String not, @Nullable String said) throws IOException {
        String notes = notes("{" + values + "}");

        assertThat(notes).contains(said == null ? "" : said).doesNotContain(not == null ? "<no value>" : not);
    }
}
