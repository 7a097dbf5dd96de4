package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.tokenguardian.Readme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How the Argo manifests change a step's pod. Argo's own objects have no model here, so their fields are checked by
 * name.
 */
class ArgoTest {
    static final String HEADING = "Argo Workflows";

    private static final Path CONTROLLER = Manifests.ROOT.resolve("argo/workflow-controller-configmap.yaml");

    /** The pod of a step, as Argo creates it ({@code workflow/controller/workflowpod.go} in Argo Workflows 4.1.2). */
    private static final Path STEP = Path.of("src/test/resources/k8s/argo/step.yaml");

    @TempDir
    Path directory = Path.of("");

    private final Kubectl kubectl = Kubectl.find();
    private List<JsonNode> rendered = List.of();

    @BeforeEach
    void render() {
        rendered = Manifests.documents(kubectl.kustomize(Manifests.ROOT.resolve("argo")));
    }

    @Test
    void thePageHasTheLabelAndTheAnnotationOfThePipeline() {
        String block = Readme.block(Path.of("docs/kubernetes.md"), "yaml", HEADING);

        assertThat(Manifests.documents(block).get(0).path("spec").path("podMetadata"))
                .isEqualTo(spec("guarded-pipeline").path("podMetadata"));
    }

    @Test
    void workflowDefaultsHaveTheLabelAndTheAnnotationOfThePipeline() {
        assertThat(controllerSetting(CONTROLLER, "workflowDefaults").path("spec"))
                .isEqualTo(new ObjectMapper()
                        .createObjectNode()
                        .set("podMetadata", spec("guarded-pipeline").path("podMetadata")));
    }

    /** The API server mounts the token into the sidecar. */
    @Test
    void theTransparentPatchsSidecarIsThatOfTheComponent() throws IOException {
        PodSpec pod = patched(
                spec("patched-transparent-pipeline").path("podSpecPatch").asText());

        assertThat(pod.getInitContainers().get(0)).isEqualTo(Sidecar.ofTheTransparentComponent());
        assertThat(pod.getAutomountServiceAccountToken()).isNull();
    }

    private static JsonNode controllerSetting(Path file, String name) {
        ConfigMap controller =
                (ConfigMap) Manifests.objects(Manifests.text(file)).get(0);
        return Manifests.documents(controller.getData().getOrDefault(name, "")).get(0);
    }

    private JsonNode spec(String name) {
        return named(name).path("spec");
    }

    private JsonNode named(String name) {
        return rendered.stream()
                .filter(document ->
                        document.path("metadata").path("name").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the spec of {@link #STEP} with this patch, which Argo applies in the same way. */
    private PodSpec patched(String podSpecPatch) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode patch = json.createObjectNode();
        patch.set("spec", Manifests.documents(podSpecPatch).get(0));
        Path patchFile = Files.writeString(directory.resolve("patch.json"), json.writeValueAsString(patch));
        Pod pod = (Pod) Manifests.objects(kubectl.patch(STEP, patchFile)).get(0);
        return pod.getSpec();
    }
}
