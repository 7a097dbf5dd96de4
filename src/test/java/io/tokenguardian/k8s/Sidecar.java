package io.tokenguardian.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.util.List;

/** The definition of the sidecar, with which all other definitions are compared. */
final class Sidecar {
    private static final Path TRANSPARENT = Path.of("src/test/resources/k8s/sidecar/transparent.yaml");

    private Sidecar() {}

    /** The sidecar as added by {@code k8s/sidecar}. */
    static Container ofTheComponent() {
        String patch = Manifests.text(Manifests.ROOT.resolve("sidecar/gate/pod.yaml"));
        Pod pod = (Pod) Manifests.objects(patch).get(0);
        return pod.getSpec().getInitContainers().get(0);
    }

    /**
     * The sidecar as added by {@code k8s/sidecar/transparent}, without the token's mount, which the API server adds in
     * other cases.
     */
    static Container ofTheTransparentComponent() {
        Container sidecar = Workload.all(Manifests.text(TRANSPARENT)).stream()
                .filter(workload -> workload.object() instanceof Pod && workload.isLabelled())
                .map(workload ->
                        workload.template().getSpec().getInitContainers().get(0))
                .findFirst()
                .orElseThrow();
        sidecar.setVolumeMounts(List.copyOf(sidecar.getVolumeMounts().stream()
                .filter(mount -> !mount.getName().equals("token-guardian-token"))
                .toList()));
        return sidecar;
    }
}
