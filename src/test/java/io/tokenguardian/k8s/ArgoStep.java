package io.tokenguardian.k8s;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A step's pod as Argo makes it before it applies {@code podSpecPatch}, by the strategic merge that kubectl has too.
 */
final class ArgoStep {
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

    private ArgoStep() {}

    /** What {@code podSpecPatch} makes of it; {@code directory} is for files that kubectl reads. */
    static PodSpec patched(Kubectl kubectl, Path directory, String podSpecPatch) throws IOException {
        Path step = Files.writeString(directory.resolve("step.yaml"), STEP);
        ObjectMapper json = new ObjectMapper();
        ObjectNode patch = json.createObjectNode();
        patch.set("spec", Manifests.documents(podSpecPatch).get(0));
        Path file = Files.writeString(directory.resolve("patch.json"), json.writeValueAsString(patch));
        Pod pod = (Pod) Manifests.objects(kubectl.patch(step, file)).get(0);
        return pod.getSpec();
    }
}
