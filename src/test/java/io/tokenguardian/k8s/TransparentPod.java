package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A pod whose unmodified app uses the guardian's TLS listener, however the guardian was added. */
record TransparentPod(PodSpec spec) {
    private static final String GUARDIAN = "token-guardian";
    private static final String SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

    Container guardian() {
        return all().filter(one -> one.getName().equals(GUARDIAN)).findFirst().orElseThrow();
    }

    /** Returns all containers except the guardian, init containers first. */
    List<Container> app() {
        return all().filter(one -> !one.getName().equals(GUARDIAN)).toList();
    }

    /**
     * Asserts that the app's API server address is the listener's, and that the guardian's address comes from kubelet's
     * variables.
     */
    void assertThatTheAppAloneAsksTheListener() {
        String port = setting("GUARDIAN_IN_CLUSTER_PORT");
        assertThat(app()).isNotEmpty().allSatisfy(container -> {
            assertThat(ContainerEnvironment.apiServer(container)).isEqualTo("127.0.0.1:" + port);
            assertThat(ContainerEnvironment.of(container)).containsEntry("KUBERNETES_SERVICE_PORT_HTTPS", port);
            assertThat(container.getEnv())
                    .filteredOn(one -> one.getName().startsWith("KUBERNETES_SERVICE_"))
                    .hasSize(3);
        });
        assertThat(ContainerEnvironment.apiServer(guardian())).isEqualTo("10.96.0.1:443");
        assertThat(ContainerEnvironment.of(guardian()))
                .containsEntry("GUARDIAN_READINESS_ACCEPTED_BY", "any")
                .containsEntry("GUARDIAN_VETTED_TOKEN", "usable");
    }

    /** Asserts that the app finds the guardian's files at kubelet's paths, and can't write to them. */
    void assertThatTheAppFindsTheVettedFiles() {
        VolumeMount written = mount(guardian(), setting("GUARDIAN_VETTED_DIRECTORY"));
        assertThat(written.getReadOnly()).isNotEqualTo(true);
        assertThat(volume(written).getEmptyDir().getMedium()).isEqualTo("Memory");
        assertThat(app()).allSatisfy(container -> {
            VolumeMount read = mount(container, SERVICE_ACCOUNT);
            assertThat(read.getName()).isEqualTo(written.getName());
            assertThat(read.getReadOnly()).isTrue();
            assertThat(read.getSubPath()).isNull();
        });
    }

    /**
     * Asserts that the listener's key is in a directory that the guardian can create. The volume of that directory
     * outlives the guardian's container, and no other container mounts it.
     */
    void assertThatTheGuardianAloneHasTheListenersKey() {
        String directory = setting("GUARDIAN_IN_CLUSTER_DIRECTORY");
        VolumeMount mount = mount(guardian(), directory.substring(0, directory.lastIndexOf('/')));
        assertThat(mount.getReadOnly()).isNotEqualTo(true);
        assertThat(volume(mount).getEmptyDir().getMedium()).isEqualTo("Memory");
        assertThat(app())
                .flatExtracting(Container::getVolumeMounts)
                .extracting(VolumeMount::getName)
                .doesNotContain(mount.getName());
    }

    private String setting(String name) {
        return Objects.requireNonNull(ContainerEnvironment.of(guardian()).get(name), name);
    }

    private static VolumeMount mount(Container container, String path) {
        assertThat(container.getVolumeMounts())
                .as("%s of %s", path, container.getName())
                .filteredOn(mount -> mount.getMountPath().equals(path))
                .hasSize(1);
        return container.getVolumeMounts().stream()
                .filter(mount -> mount.getMountPath().equals(path))
                .findFirst()
                .orElseThrow();
    }

    private Volume volume(VolumeMount mount) {
        return spec.getVolumes().stream()
                .filter(volume -> volume.getName().equals(mount.getName()))
                .findFirst()
                .orElseThrow();
    }

    private Stream<Container> all() {
        return Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream());
    }
}
