package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.tokenguardian.Readme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How {@code k8s/sidecar/transparent} changes the samples. {@link SidecarTest} tests what all components have in
 * common.
 */
class TransparentSidecarTest {
    static final String PLACEHOLDER = "An app without a token";

    private static final Path PAGE = Path.of("docs/kubernetes.md");
    private static final Path SAMPLES = Path.of("src/test/resources/k8s/samples.yaml");
    private static final Path GOLDEN = Path.of("src/test/resources/k8s/sidecar/transparent.yaml");

    @TempDir
    Path directory = Path.of("");

    @BeforeEach
    void sample() throws IOException {
        Files.copy(SAMPLES, directory.resolve("samples.yaml"));
    }

    /** Applies the component to the same pod without the guardian. */
    @Test
    void thePodToPasteIsWhatTheComponentMakes() throws IOException {
        Files.writeString(directory.resolve("samples.yaml"), """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: transparent
                  labels:
                    token-guardian.io/inject: "true"
                spec:
                  containers:
                    - name: main
                      image: app:1.0
                """);
        String made = new Kustomization(Kubectl.find(), directory).render(List.of("sidecar/transparent"), "");

        Pod pasted = (Pod) Manifests.objects(Manifests.text(Manifests.ROOT.resolve("transparent-pod.yaml")))
                .get(0);

        assertThat(pasted.getSpec()).isEqualTo(((Pod) Manifests.objects(made).get(0)).getSpec());
    }

    @Test
    void anAddressThatAContainerNamesItselfGivesWayToTheListeners() throws IOException {
        Files.writeString(
                directory.resolve("samples.yaml"),
                Manifests.text(SAMPLES)
                        .replace("- name: COLOUR\n", "- name: KUBERNETES_SERVICE_HOST\n")
                        .replace("value: green\n", "valueFrom: {fieldRef: {fieldPath: status.hostIP}}\n"));

        String rendered = render("");

        assertThat(rendered).doesNotContain("COLOUR", "status.hostIP").contains("value: 127.0.0.1\n");
    }

    /** The app may run as any user, and the files belong to the guardian's. */
    @Test
    void aVettedTokenIsReadableForEveryUser() {
        assertThat(pods(golden()))
                .hasSize(6)
                .allSatisfy(pod -> assertThat(pod.settings()).containsEntry("GUARDIAN_VETTED_MODE", "0644"));
    }

    @Test
    void theLineForAPlaceholderChangesThatOneSetting() throws IOException {
        String patches = Readme.block(PAGE, "yaml", PLACEHOLDER);

        String rendered = render(patches);

        assertThat(patches.lines().filter(line -> line.contains("placeholder"))).hasSize(1);
        assertThat(rendered.replace("value: placeholder\n", "value: usable\n")).isEqualTo(golden());
        assertThat(workloads(rendered)
                        .filter(workload -> pod(workload).settings().containsValue("placeholder")))
                .extracting(workload -> workload.object().getKind())
                .containsExactlyInAnyOrder("Deployment", "StatefulSet", "DaemonSet", "Job");
    }

    private String render(String more) throws IOException {
        return new Kustomization(Kubectl.find(), directory).render(List.of("sidecar/transparent"), more);
    }

    private static String golden() {
        return Manifests.text(GOLDEN);
    }

    private static List<TransparentPod> pods(String yaml) {
        return workloads(yaml).map(TransparentSidecarTest::pod).toList();
    }

    private static TransparentPod pod(Workload workload) {
        PodSpec spec = workload.template().getSpec();
        return new TransparentPod(spec);
    }

    private static Stream<Workload> workloads(String yaml) {
        return Workload.all(yaml).stream().filter(Workload::isLabelled);
    }
}
