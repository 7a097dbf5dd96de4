package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import org.junit.jupiter.api.Test;

/** The pod to paste. Also tests that the tests' YAML reader is strict. */
class PodTest {
    @Test
    void thePodHasTheSidecarThatTheComponentAdds() {
        Pod pod = (Pod) Manifests.objects(Manifests.text(Manifests.ROOT.resolve("pod.yaml")))
                .get(0);

        assertThat(pod.getSpec().getInitContainers()).containsExactly(Sidecar.ofTheComponent());
    }

    @Test
    void aFieldThatKubernetesDoesNotKnowFails() {
        String yaml = Manifests.text(Manifests.ROOT.resolve("pod.yaml"))
                .replace("failureThreshold: 600", "failureTreshold: 600");

        assertThatThrownBy(() -> Manifests.objects(yaml)).hasMessageContaining("failureTreshold");
    }
}
