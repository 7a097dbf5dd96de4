package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tokenguardian.Readme;
import io.tokenguardian.pod.PodConditions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the manifests to paste from the README and from {@code docs/kubernetes.md}. {@code ReadmeIT} tests the
 * commands.
 */
class ReadmeTest {
    private static final String POD = "In a pod";
    private static final String WORKLOADS = "A kustomization";
    private static final String WAIT_ONLY = "Wait only";
    private static final String GATE = "A readiness gate";
    private static final Path SAMPLES = Path.of("src/test/resources/k8s/samples.yaml");
    private static final Path GOLDEN = Path.of("src/test/resources/k8s/sidecar/gate.yaml");

    @TempDir
    Path directory = Path.of("");

    @Test
    void everyYamlBlockHasATestHere() {
        assertThat(Readme.blocks("yaml")).extracting(Readme.Block::heading).containsExactly(POD);
    }

    @Test
    void everyYamlBlockOfThePageHasATest() {
        assertThat(Readme.blocks(Path.of("docs/kubernetes.md"), "yaml"))
                .extracting(Readme.Block::heading)
                .containsExactly(
                        ImageTest.HEADING,
                        WORKLOADS,
                        WORKLOADS,
                        WORKLOADS,
                        WAIT_ONLY,
                        InjectionPageTest.ANNOTATIONS,
                        ArgoTest.HEADING,
                        TransparentSidecarTest.PLACEHOLDER,
                        InjectionPageTest.PARAMETERS,
                        GATE,
                        PodMonitorTest.HEADING,
                        SidecarTest.QUOTAS,
                        InjectionPageTest.RESTRICTED,
                        InjectionPageTest.RESTRICTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/reference.md", "docs/kubernetes.md"})
    void everyPathOfTheRepositoryThatIsNamedIsThere(String document) {
        List<String> named = Pattern.compile("\\b(k8s|docs|bench|src)/[\\w./-]*\\w")
                .matcher(Manifests.text(Path.of(document)))
                .results()
                .map(MatchResult::group)
                .toList();

        assertThat(named).hasSizeGreaterThan(3).allMatch(path -> Files.exists(Path.of(path)));
    }

    @Test
    void whatIsPastedIntoAPodIsTheSidecarOfTheComponent() {
        JsonNode pasted = document(POD, 0);

        assertThat(pasted.fieldNames()).toIterable().containsExactly("spec");
        PodSpec spec = Manifests.read(pasted.path("spec"), PodSpec.class);
        assertThat(spec.getInitContainers()).containsExactly(Sidecar.ofTheComponent());
    }

    @Test
    void labelAndKustomizationMakeOfADeploymentWhatTheGoldenFileSays() throws IOException {
        Kubectl kubectl = Kubectl.find();
        Path app = Files.createDirectory(directory.resolve("app"));
        Files.createSymbolicLink(
                directory.resolve("token-guardian"), Path.of("").toAbsolutePath());
        Deployment sample = deployment(Manifests.text(SAMPLES));
        sample.getMetadata().setLabels(null);
        Path unlabelled = write("deployment.yaml", Serialization.asYaml(sample));
        Path label = write("label.yaml", block(WORKLOADS, 0));
        Files.writeString(app.resolve("deployment.yaml"), kubectl.patch(unlabelled, label));
        Files.writeString(app.resolve("kustomization.yaml"), block(WORKLOADS, 1));

        String rendered = kubectl.kustomize(app);

        Deployment expected = deployment(Manifests.text(GOLDEN));
        Container guardian =
                expected.getSpec().getTemplate().getSpec().getInitContainers().get(0);
        JsonNode image = document(WORKLOADS, 1).path("images").path(0);
        guardian.setImage(image.path("newName").asText() + ":" + ImageTest.version());
        assertThat(Manifests.objects(rendered)).containsExactly((HasMetadata) expected);
    }

    @Test
    void theRemoteComponentIsTheDirectoryAtThisVersion() {
        String remote = block(WORKLOADS, 2);

        assertThat(remote.replaceFirst(
                        "https://\\S+//(\\S+)[?]ref=v" + ImageTest.version() + "\n", "../token-guardian/$1\n"))
                .isEqualTo(block(WORKLOADS, 1));
    }

    @Test
    void whatIsPastedToWaitIsTheInitContainerOfWaitOnly() {
        PodSpec pasted = Manifests.read(document(WAIT_ONLY, 0).path("spec"), PodSpec.class);

        Pod component = (Pod) Manifests.objects(Manifests.text(Manifests.ROOT.resolve("wait-only/pod.yaml")))
                .get(0);
        assertThat(pasted.getInitContainers()).isEqualTo(component.getSpec().getInitContainers());
    }

    @Test
    void theReadinessGateIsTheConditionThatTheSidecarKeeps() throws IOException {
        Path gate = write("gate.yaml", block(GATE, 0));

        String patched = Kubectl.find().patch(Manifests.ROOT.resolve("pod.yaml"), gate);

        Pod pod = (Pod) Manifests.objects(patched).get(0);
        assertThat(pod.getSpec().getReadinessGates())
                .singleElement()
                .satisfies(one -> assertThat(one.getConditionType()).isEqualTo(PodConditions.TYPE));
        Container expected = Sidecar.ofTheComponent();
        expected.setEnv(List.of(new EnvVar("GUARDIAN_KUBERNETES_POD_CONDITION", "true", null)));
        assertThat(pod.getSpec().getInitContainers()).containsExactly(expected);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static Deployment deployment(String yaml) {
        return Manifests.objects(yaml).stream()
                .filter(Deployment.class::isInstance)
                .map(Deployment.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static String block(String heading, int index) {
        return Stream.of("README.md", "docs/kubernetes.md")
                .flatMap(page -> Readme.blocks(Path.of(page), "yaml").stream())
                .filter(block -> block.heading().equals(heading))
                .toList()
                .get(index)
                .text();
    }

    private static JsonNode document(String heading, int index) {
        List<JsonNode> documents = Manifests.documents(block(heading, index));
        assertThat(documents).hasSize(1);
        return documents.get(0);
    }
}
