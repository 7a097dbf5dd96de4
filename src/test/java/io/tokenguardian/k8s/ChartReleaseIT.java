package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import io.tokenguardian.envtest.Api;
import io.tokenguardian.envtest.ApiServer;
import io.tokenguardian.envtest.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Installs, upgrades and uninstalls the chart with Helm on a real API server. */
@Tag("envtest")
@ResourceLock(PolicyObjects.LOCK)
class ChartReleaseIT {
    private static final String POD = """
            {"metadata": {"name": "app", "labels": {"token-guardian.io/inject": "true"}},
             "spec": {"containers": [{"name": "app", "image": "app"}]}}""";

    @TempDir
    Path directory = Path.of("");

    private final ControlPlane plane = ControlPlane.shared();
    private final Api admin = plane.apiServer(0).admin();
    private final String namespace = admin.namespace();
    private Path kubeconfig = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        Chart.find();
        PolicyObjects.assumeServed(admin);
        kubeconfig = Files.writeString(
                directory.resolve("kubeconfig"),
                plane.files().kubeconfig(plane.apiServer(0).url().toString()));
    }

    private Path values(String yaml) throws IOException {
        return Files.writeString(directory.resolve("values.yaml"), yaml);
    }

    private String mode() {
        return mode(POD);
    }

    /** Returns the guardian's mode in a new pod that has the label; empty if the pod has no guardian. */
    private String mode(String pod) {
        JsonNode guardian = admin.post("/api/v1/namespaces/" + namespace + "/pods?dryRun=All", pod)
                .succeeded()
                .json()
                .at("/spec/initContainers/0");
        List<String> variables = guardian.path("env").findValuesAsText("name");
        return guardian.isMissingNode() ? "" : variables.contains("GUARDIAN_IN_CLUSTER_PORT") ? "transparent" : "gate";
    }

    private static String podOfHelmTest() {
        JsonNode pod = Manifests.documents(Chart.find().render("1.36.0", Map.of())).stream()
                .filter(object -> object.path("kind").asText().equals("Pod"))
                .findFirst()
                .orElseThrow();
        ((ObjectNode) pod.path("metadata")).remove("namespace");
        return pod.toString();
    }

    private InstallCommand install(String release, String into) {
        return new Helm(Chart.DIRECTORY)
                .install()
                .withName(release)
                .withNamespace(into)
                .withKubeConfig(kubeconfig);
    }

    private void uninstall() {
        Helm.uninstall("token-guardian")
                .withNamespace(namespace)
                .withKubeConfig(kubeconfig)
                .call();
    }

    private int observers() {
        return admin.get("/apis/apps/v1/namespaces/" + namespace + "/deployments")
                .json()
                .path("items")
                .size();
    }

    @Test
    void aReleaseIsInstalledAndUpgradedAndLeavesNothing() throws IOException {
        install("token-guardian", namespace).call();
        await().until(() -> mode().equals("gate"));
        assertThat(observers()).isEqualTo(1);
        assertThat(mode(podOfHelmTest())).isEqualTo("transparent");

        new Helm(Chart.DIRECTORY)
                .upgrade()
                .withName("token-guardian")
                .withNamespace(namespace)
                .withKubeConfig(kubeconfig)
                .withValuesFile(values("{injection: {mode: transparent}, observer: {enabled: false}}"))
                .call();
        await().until(() -> mode().equals("transparent"));
        assertThat(observers()).isZero();

        uninstall();
        await().until(() -> mode().isEmpty());
        for (String left : List.of(
                "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
                "/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace + "/roles",
                "/api/v1/namespaces/" + namespace + "/secrets")) {
            assertThat(admin.get(left).json().path("items")).as(left).isEmpty();
        }
    }

    /** Objects outside the release's namespace have fixed names. */
    @Test
    void aSecondReleaseIsRefusedAsThePageQuotes() {
        String page = Manifests.text(Path.of("docs/kubernetes.md"));
        String quoted = page.split("Error: INSTALLATION FAILED: ", -1)[1].split("```", -1)[0];
        String elsewhere = admin.namespace();
        install("token-guardian", namespace).call();
        try {
            assertThatThrownBy(() -> install("second", elsewhere).call())
                    .hasMessageContaining(quoted.strip()
                            .replace('\n', ' ')
                            .replaceFirst(
                                    "\"elsewhere\": current value is .*",
                                    "\"" + elsewhere + "\": current value is \"" + namespace + "\""));
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

            assertThatThrownBy(() -> install("token-guardian", namespace).call())
                    .hasMessageContaining("has no MutatingAdmissionPolicy, which Kubernetes 1.36 and later have: ")
                    .hasMessageContaining("set injection.enabled=false, and add the guardian with k8s/sidecar");
            install("token-guardian", namespace)
                    .withValuesFile(values("{injection: {enabled: false}}"))
                    .call();
            uninstall();
        }
    }
}
