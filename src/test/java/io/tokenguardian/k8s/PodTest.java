package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.tokenguardian.Readme;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The pod to paste. Also tests that the tests' YAML reader is strict. */
class PodTest {
    static final String TRUST_BUNDLE = "A CA from a ClusterTrustBundle";

    @Test
    void thePodHasTheSidecarThatTheComponentAdds() {
        Pod pod = (Pod) Manifests.objects(Manifests.text(Manifests.ROOT.resolve("pod.yaml")))
                .get(0);

        assertThat(pod.getSpec().getInitContainers()).containsExactly(Sidecar.ofTheComponent());
    }

    /** A projected volume without one of the three files does not belong to a service account. */
    @Test
    void theVolumeWithATrustBundleHasTheThreeFilesOfAServiceAccount() {
        PodSpec spec = Manifests.read(
                Manifests.documents(Readme.block(Path.of("docs/kubernetes.md"), "yaml", TRUST_BUNDLE))
                        .get(0)
                        .path("spec"),
                PodSpec.class);

        assertThat(spec.getAutomountServiceAccountToken()).isFalse();
        assertThat(spec.getVolumes().get(0).getProjected().getSources())
                .satisfiesExactly(
                        source -> assertThat(source.getServiceAccountToken().getPath())
                                .isEqualTo("token"),
                        source -> assertThat(source.getClusterTrustBundle().getPath())
                                .isEqualTo("ca.crt"),
                        source -> assertThat(source.getDownwardAPI()
                                        .getItems()
                                        .get(0)
                                        .getPath())
                                .isEqualTo("namespace"));
    }

    @Test
    void aFieldThatKubernetesDoesNotKnowFails() {
        String yaml = Manifests.text(Manifests.ROOT.resolve("pod.yaml"))
                .replace("failureThreshold: 600", "failureTreshold: 600");

        assertThatThrownBy(() -> Manifests.objects(yaml)).hasMessageContaining("failureTreshold");
    }
}
