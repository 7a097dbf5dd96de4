package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.envtest.Api;
import io.tokenguardian.envtest.ApiServer;
import io.tokenguardian.envtest.ControlPlane;
import io.tokenguardian.testing.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Installs, upgrades and uninstalls the chart with Helm on a real API server. {@code HelmIT} has pods too. */
@Tag("envtest")
@ResourceLock(PolicyObjects.LOCK)
class ChartReleaseIT {
    private static final String CHART = Chart.DIRECTORY.toString();

    @TempDir
    Path directory = Path.of("");

    private final ControlPlane plane = ControlPlane.shared();
    private final Api admin = plane.apiServer(0).admin();
    private final String namespace = admin.namespace();
    private Path kubeconfig = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        Helm.find();
        PolicyObjects.assumeServed(admin);
        kubeconfig = Files.writeString(
                directory.resolve("kubeconfig"),
                plane.files().kubeconfig(plane.apiServer(0).url().toString()));
    }

    private String values(String yaml) throws IOException {
        return Files.writeString(directory.resolve("values.yaml"), yaml).toString();
    }

    private void helm(String command, String release, String into, String... options) {
        List<String> arguments = new ArrayList<>(List.of(command, release));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("--namespace", into, "--kubeconfig", kubeconfig.toString()));
        Helm.find().run(arguments.toArray(String[]::new));
    }

    private void install(String release, String into, String... options) {
        helm(
                "install",
                release,
                into,
                Stream.concat(Stream.of(CHART), Stream.of(options)).toArray(String[]::new));
    }

    private void uninstall() {
        helm("uninstall", "token-guardian", namespace);
    }

    /** Objects outside the release's namespace have fixed names. */
    @Test
    void aSecondReleaseIsRefused() {
        String elsewhere = admin.namespace();
        install("token-guardian", namespace);
        try {
            assertThatThrownBy(() -> install("second", elsewhere))
                    .hasMessageContaining("in namespace \"\" exists and cannot be imported into the current release");
        } finally {
            uninstall();
        }
    }

    @Test
    void aClusterWithoutThePolicyIsToldWhatItTakes() throws IOException {
        String api = "admissionregistration.k8s.io/";
        try (ApiServer without = plane.startAnother(
                "--runtime-config=" + api + "v1/mutatingadmissionpolicies=false," + api
                        + "v1/mutatingadmissionpolicybindings=false",
                "--disable-admission-plugins=MutatingAdmissionPolicy")) {
            Files.writeString(kubeconfig, plane.files().kubeconfig(without.url().toString()));

            assertThatThrownBy(() -> install("token-guardian", namespace))
                    .hasMessageContaining("has no MutatingAdmissionPolicy, which Kubernetes 1.36 and later have: ")
                    .hasMessageContaining("set injection.enabled=false, and add the guardian with k8s/sidecar");
            install("token-guardian", namespace, "--values=" + values("{injection: {enabled: false}}"));
            uninstall();
        }
    }
}
