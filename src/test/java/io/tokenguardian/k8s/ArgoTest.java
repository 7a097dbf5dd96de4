package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the Argo manifests make of a step's pod. Argo applies {@code podSpecPatch} with the strategic merge that kubectl
 * has too; its own objects have no model here, so their fields are checked by name.
 */
class ArgoTest {
    /** Of the version of Argo Workflows in which each is meant: 3.4 and later. */
    private static final Set<String> SPEC =
            Set.of("entrypoint", "serviceAccountName", "podSpecPatch", "templates", "workflowTemplateRef");

    private static final Set<String> TEMPLATE = Set.of("name", "steps", "container", "initContainers");

    /** The containers of a step as Argo makes them. */
    private static final String STEP = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: step
            spec:
              restartPolicy: Never
              initContainers:
                - name: init
                  image: argoexec:latest
              containers:
                - name: wait
                  image: argoexec:latest
                - name: main
                  image: kubectl:latest
            """;

    @TempDir
    Path directory = Path.of("");

    private final Kubectl kubectl = Kubectl.find();
    private List<JsonNode> rendered = List.of();

    @BeforeEach
    void render() {
        rendered = Manifests.documents(kubectl.kustomize(Manifests.ROOT.resolve("argo")));
    }

    @Test
    void thePipelinesPatchPutsTheGuardianBeforeInitWaitAndMain() throws IOException {
        PodSpec pod = patched(spec("guarded-pipeline").path("podSpecPatch").asText());

        assertThat(names(pod.getInitContainers())).containsExactly("token-guardian", "init");
        assertThat(names(pod.getContainers())).containsExactly("wait", "main");
        assertThat(pod.getInitContainers().get(0).getStartupProbe())
                .isEqualTo(Sidecar.ofTheComponent().getStartupProbe());
    }

    @Test
    void thePipelinesStepsAndExecutorFindTheKubeconfigWhereItIsWritten() throws IOException {
        PodSpec pod = patched(spec("guarded-pipeline").path("podSpecPatch").asText());

        String file = "/var/run/token-guardian/kubeconfig";
        assertThat(pod.getInitContainers().get(0).getEnv())
                .contains(new EnvVar("GUARDIAN_VETTED_KUBECONFIG", file, null));
        assertThat(pod.getContainers().get(1).getEnv()).contains(new EnvVar("KUBECONFIG", file, null));
        assertThat(List.of(
                        pod.getInitContainers().get(1),
                        pod.getContainers().get(0),
                        pod.getContainers().get(1)))
                .allSatisfy(container -> assertThat(container.getVolumeMounts())
                        .singleElement()
                        .satisfies(mount -> {
                            assertThat(mount.getMountPath()).isEqualTo("/var/run/token-guardian");
                            assertThat(mount.getReadOnly()).isTrue();
                        }));
        JsonNode executor = controllerSetting("executor");
        assertThat(Manifests.read(executor, Container.class).getEnv())
                .containsExactly(new EnvVar("KUBECONFIG", file, null));
    }

    @Test
    void workflowDefaultsPutTheGuardianBeforeInitWaitAndMain() throws IOException {
        JsonNode defaults = controllerSetting("workflowDefaults");

        PodSpec pod = patched(defaults.path("spec").path("podSpecPatch").asText());

        assertThat(names(pod.getInitContainers())).containsExactly("token-guardian", "init");
        assertThat(pod.getInitContainers().get(0)).isEqualTo(Sidecar.ofTheComponent());
        // Nothing but the guardian: an agent's or a plugin's pod has no container named wait or main.
        assertThat(names(pod.getContainers())).containsExactly("wait", "main");
        assertThat(pod.getContainers())
                .allSatisfy(container -> assertThat(container.getVolumeMounts()).isEmpty());
    }

    @Test
    void aTemplatesInitContainerIsTheSidecarOfTheComponent() {
        JsonNode template = spec("guarded-step").path("templates").get(0);

        assertThat(template.path("initContainers")).hasSize(1);
        assertThat(Manifests.read(template.path("initContainers").get(0), Container.class))
                .isEqualTo(Sidecar.ofTheComponent());
    }

    @Test
    void argosOwnObjectsHaveNoFieldThatArgoDoesNotKnow() {
        assertThat(rendered)
                .filteredOn(document -> document.path("apiVersion").asText().equals("argoproj.io/v1alpha1"))
                .hasSize(3)
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

    private JsonNode controllerSetting(String name) {
        ConfigMap controller = (ConfigMap) Manifests.object(named("workflow-controller-configmap"));
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

    private PodSpec patched(String podSpecPatch) throws IOException {
        Path step = Files.writeString(directory.resolve("step.yaml"), STEP);
        ObjectMapper json = new ObjectMapper();
        ObjectNode patch = json.createObjectNode();
        patch.set("spec", Manifests.documents(podSpecPatch).get(0));
        Path file = Files.writeString(directory.resolve("patch.json"), json.writeValueAsString(patch));
        Pod pod = (Pod) Manifests.objects(kubectl.patch(step, file)).get(0);
        return pod.getSpec();
    }
}
