package io.tokenguardian.k8s;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A user's kustomization that has components of {@code k8s}.
 *
 * @param directory where it is, and its one resource, {@code samples.yaml}
 */
record Kustomization(Kubectl kubectl, Path directory) {

    /**
     * What kubectl makes of it.
     *
     * @param components their directories under {@code k8s}
     * @param more what the kustomization has after them
     */
    String render(List<String> components, String more) throws IOException {
        StringBuilder kustomization = new StringBuilder("resources: [samples.yaml]\ncomponents:\n");
        for (String component : components) {
            Path relative = directory
                    .toRealPath()
                    .relativize(Manifests.ROOT.resolve(component).toRealPath());
            kustomization.append("  - ").append(relative).append('\n');
        }
        Files.writeString(directory.resolve("kustomization.yaml"), kustomization.append(more));
        return kubectl.kustomize(directory);
    }
}
