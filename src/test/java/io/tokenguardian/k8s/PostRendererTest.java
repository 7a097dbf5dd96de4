package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.tokenguardian.Readme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the page's post-renderer changes Helm's output. */
class PostRendererTest {
    static final String HEADING = "Another project's chart";
    private static final Path PAGE = Path.of("docs/kubernetes.md");
    private static final String CHART = """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: theirs
              labels:
                app.kubernetes.io/name: theirs
            spec:
              selector: {matchLabels: {app: theirs}}
              template:
                metadata: {labels: {app: theirs}}
                spec:
                  containers:
                    - name: theirs
                      image: theirs:1.0
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: theirs
            """;

    @TempDir
    Path directory = Path.of("");

    @Test
    void aChartsDeploymentsHaveTheSidecarAndAllElseIsThere() throws Exception {
        Kubectl.find();
        Files.createSymbolicLink(
                directory.resolve("token-guardian"), Path.of("").toAbsolutePath());
        Path renderer = directory.resolve("renderer");
        Files.createDirectories(renderer.resolve("label"));
        List<Readme.Block> yaml = Readme.blocks(PAGE, "yaml").stream()
                .filter(block -> block.heading().equals(HEADING))
                .toList();
        Files.writeString(renderer.resolve("kustomization.yaml"), yaml.get(0).text());
        Files.writeString(
                renderer.resolve("label/kustomization.yaml"), yaml.get(1).text());
        Files.writeString(renderer.resolve("post-render"), Readme.block(PAGE, "sh", HEADING));

        List<HasMetadata> objects = Manifests.objects(run(renderer.resolve("post-render")));

        assertThat(objects).extracting(HasMetadata::getKind).containsExactlyInAnyOrder("Deployment", "ConfigMap");
        Deployment deployment = (Deployment) objects.stream()
                .filter(Deployment.class::isInstance)
                .findFirst()
                .orElseThrow();
        Container expected = Sidecar.ofTheComponent();
        expected.setImage("registry.example.com/token-guardian:" + ImageTest.version());
        assertThat(deployment.getSpec().getTemplate().getSpec().getInitContainers())
                .containsExactly(expected);
    }

    private String run(Path script) throws IOException, InterruptedException {
        Path input = Files.writeString(directory.resolve("rendered.yaml"), CHART);
        Path output = directory.resolve("output.yaml");
        Process process = new ProcessBuilder("sh", script.toString())
                .redirectInput(input.toFile())
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.waitFor()).isZero();
        return Files.readString(output);
    }
}
