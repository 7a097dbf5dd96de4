package io.tokenguardian.k8s;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A user's kustomization with components from {@code k8s}.
 *
 * @param directory the directory of the kustomization and of its single resource, {@code samples.yaml}
 */
record Kustomization(Kubectl kubectl, Path directory) {

    /**
     * Returns kubectl's output for the kustomization.
     *
     * @param components the components' directories under {@code k8s}
     * @param more lines that follow the components
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
