package io.tokenguardian.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The pod of a step, as created by Argo ({@code workflow/controller/workflowpod.go} in Argo Workflows 4.1.2). */
enum ArgoStep {
    /** A pod with the containers {@code init}, {@code wait} and {@code main}. */
    WITH_INIT("step.yaml"),

    /** A pod with {@code supervisor} and {@code main}, created with the setting {@code initlessPod}. */
    INITLESS("step-initless.yaml");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    ArgoStep(String file) {
        this.file = Path.of("src/test/resources/k8s/argo", file);
    }

    /** Returns the pod patched by {@code podSpecPatch}. {@code directory} is for files that kubectl reads. */
    PodSpec patched(Kubectl kubectl, Path directory, String podSpecPatch) throws IOException {
        ObjectNode patch = JSON.createObjectNode();
        patch.set("spec", Manifests.documents(podSpecPatch).get(0));
        Path patchFile = Files.writeString(directory.resolve("patch.json"), JSON.writeValueAsString(patch));
        Pod pod = (Pod) Manifests.objects(kubectl.patch(file, patchFile)).get(0);
        return pod.getSpec();
    }

    /**
     * Returns the pod with a workflow's metadata for its pods.
     *
     * @param podMetadata labels and annotations
     */
    ObjectNode withMetadata(JsonNode podMetadata) {
        ObjectNode pod = (ObjectNode) Manifests.documents(Manifests.text(file)).get(0);
        for (String part : List.of("labels", "annotations")) {
            pod.withObject("/metadata/" + part).setAll((ObjectNode) podMetadata.path(part));
        }
        return pod;
    }
}
