package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.tokenguardian.Readme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How the Argo manifests change a step's pod. Argo's own objects have no model here, so their fields are checked by
 * name.
 */
class ArgoTest {
    static final String HEADING = "Argo Workflows";

    /** The allowed fields of a workflow's spec. Argo Workflows 3.6 and later have all of them. */
    private static final Set<String> SPEC =
            Set.of("entrypoint", "serviceAccountName", "podMetadata", "podSpecPatch", "templates");

    private static final Set<String> TEMPLATE = Set.of("name", "steps", "container");

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

    @Test
    void theTransparentPatchHasExecutorAndStepGoThroughTheListener() throws IOException {
        TransparentPod pod = new TransparentPod(patched(
                spec("patched-transparent-pipeline").path("podSpecPatch").asText()));

        assertThat(names(pod.spec().getInitContainers())).containsExactly("token-guardian", "init");
        assertThat(names(pod.app())).containsExactly("init", "wait", "main");
        pod.assertThatTheAppAloneAsksTheListener();
        pod.assertThatTheAppFindsTheVettedFiles();
        pod.assertThatTheGuardianAloneHasTheListenersKey();
    }

    /** The API server mounts the token into the sidecar. */
    @Test
    void theTransparentPatchsSidecarIsThatOfTheComponent() throws IOException {
        PodSpec pod = patched(
                spec("patched-transparent-pipeline").path("podSpecPatch").asText());

        assertThat(pod.getInitContainers().get(0)).isEqualTo(Sidecar.ofTheTransparentComponent());
        assertThat(pod.getAutomountServiceAccountToken()).isNull();
    }

    /** Applying a whole config map would remove the controller's other settings. */
    @Test
    void nothingButWorkflowTemplatesIsAppliedAndNoWorkflowStarts() {
        assertThat(rendered)
                .extracting(document -> document.path("kind").asText())
                .hasSize(2)
                .containsOnly("WorkflowTemplate");
    }

    @Test
    void mergedIntoTheControllersConfigMapItLeavesTheOtherSettings() throws IOException {
        Path controllers = Files.writeString(directory.resolve("controllers.yaml"), """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: workflow-controller-configmap
                  namespace: argo
                data:
                  artifactRepository: |
                    archiveLogs: true
                """);

        String merged = kubectl.patch(controllers, CONTROLLER);

        ConfigMap map = (ConfigMap) Manifests.objects(merged).get(0);
        assertThat(map.getData())
                .containsOnlyKeys("artifactRepository", "workflowDefaults")
                .containsEntry("artifactRepository", "archiveLogs: true\n");
    }

    @Test
    void argosOwnObjectsHaveNoFieldThatArgoDoesNotKnow() {
        assertThat(rendered)
                .filteredOn(document -> document.path("apiVersion").asText().equals("argoproj.io/v1alpha1"))
                .hasSize(2)
                .allSatisfy(document -> {
                    assertThat(document.fieldNames()).toIterable().isSubsetOf("apiVersion", "kind", "metadata", "spec");
                    assertThat(document.path("spec").fieldNames()).toIterable().isSubsetOf(SPEC);
                    for (JsonNode template : document.path("spec").path("templates")) {
                        assertThat(template.fieldNames()).toIterable().isSubsetOf(TEMPLATE);
                        if (template.has("container")) {
                            Manifests.read(
                                    ((ObjectNode) template.get("container").deepCopy()).put("name", "main"),
                                    Container.class);
                        }
                    }
                });
    }

    private static List<String> names(List<Container> containers) {
        return containers.stream().map(Container::getName).toList();
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
