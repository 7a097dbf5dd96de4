package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import org.junit.jupiter.api.Test;

/** The pod to paste, and that what reads it is strict. */
class PodTest {

    @Test
    void thePodHasTheSidecarThatTheComponentAdds() {
        Pod pod = (Pod) Manifests.objects(Manifests.text(Manifests.ROOT.resolve("pod.yaml")))
                .get(0);

        assertThat(pod.getSpec().getInitContainers()).containsExactly(Sidecar.ofTheComponent());
    }

    @Test
    void theSidecarGatesTheOtherContainersAndHasNoRights() {
        Container sidecar = Sidecar.ofTheComponent();

        assertThat(sidecar.getRestartPolicy()).isEqualTo("Always");
        assertThat(sidecar.getStartupProbe().getHttpGet().getPath()).isEqualTo("/q/health/started");
        assertThat(sidecar.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/q/health/ready");
        assertThat(sidecar.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/q/health/live");
        assertThat(sidecar.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(sidecar.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(sidecar.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
    }

    @Test
    void aFieldThatKubernetesDoesNotKnowFails() {
        String yaml = Manifests.text(Manifests.ROOT.resolve("pod.yaml"))
                .replace("failureThreshold: 600", "failureTreshold: 600");

        assertThatThrownBy(() -> Manifests.objects(yaml)).hasMessageContaining("failureTreshold");
    }
}
