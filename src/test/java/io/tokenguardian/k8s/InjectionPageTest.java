package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.tokenguardian.Readme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/kubernetes.md} states about injection, beyond the policies. */
class InjectionPageTest {
    static final String ANNOTATIONS = "What differs from pod to pod";
    static final String PARAMETERS = "The policy's parameters";
    static final String RESTRICTED = "Restricted pods, OpenShift and service meshes";

    private static final Path PAGE = Path.of("docs/kubernetes.md");
    private static final Path DIRECTORY = Manifests.ROOT.resolve("injection");

    @TempDir
    Path directory = Path.of("");

    @Test
    void thePageTheParametersAndTheValidationHaveTheSameAnnotations() {
        String parameters = Manifests.text(DIRECTORY.resolve("parameters.yaml"));
        String validation = Manifests.text(DIRECTORY.resolve("validation.yaml"));
        String table = Manifests.text(PAGE).split("### " + ANNOTATIONS, -1)[1].split("```", -1)[0];

        Set<String> names = quoted("(?m)^  ([a-z-]+):", parameters.split("\ndata:", -1)[1]);
        names.removeAll(Set.of("image-pull-policy", "image-annotation", "vetted-token"));
        names.add("env");

        assertThat(names).hasSize(11);
        assertThat(quoted(
                        "\"([a-z-]+)\"", validation.split("!\\(name in", -1)[1].split("]", -1)[0]))
                .isEqualTo(names);
        assertThat(quoted("`([a-z-]+)`", String.join("\n", firstCells(table)))).isEqualTo(names);
    }

    @Test
    void pageAndValidationForbidTheSameSettingsInEnv() {
        String settings = "`?\"?([A-Z_]+_[A-Z_]+)`?\"?";
        String validation = Manifests.text(DIRECTORY.resolve("validation.yaml"));
        String refused = validation.split("- name: movedPorts", -1)[1].split("- name: environment", -1)[0];
        String section = Manifests.text(PAGE)
                .split("### Settings that `env` may not change", -1)[1]
                .split("###", -1)[0];

        assertThat(quoted(settings, section)).hasSize(10).isEqualTo(quoted(settings, refused));
    }

    @Test
    void thePatchForOpenShiftTakesTheUserAndNothingElse() throws IOException {
        Files.copy(Path.of("src/test/resources/k8s/samples.yaml"), directory.resolve("samples.yaml"));

        String rendered = new Kustomization(Kubectl.find(), directory).render(List.of("sidecar"), block(RESTRICTED, 0));

        SecurityContext expected = Sidecar.ofTheComponent().getSecurityContext();
        expected.setRunAsUser(null);
        expected.setRunAsGroup(null);
        assertThat(Workload.all(rendered))
                .filteredOn(workload -> Set.of("Deployment", "StatefulSet", "DaemonSet", "Job")
                        .contains(workload.object().getKind()))
                .hasSize(4)
                .allSatisfy(workload -> assertThat(workload.template()
                                .getSpec()
                                .getInitContainers()
                                .get(0)
                                .getSecurityContext())
                        .isEqualTo(expected));
    }

    @Test
    void meshAnnotationsNameThePortsOfGuardianAndService() {
        Deployment deployment =
                Manifests.read(Manifests.documents(block(RESTRICTED, 1)).get(0), Deployment.class);

        Map<String, String> annotations =
                deployment.getSpec().getTemplate().getMetadata().getAnnotations();
        String port =
                Sidecar.ofTheComponent().getPorts().get(0).getContainerPort().toString();
        assertThat(annotations)
                .containsEntry("traffic.sidecar.istio.io/excludeInboundPorts", port)
                .containsEntry("config.linkerd.io/skip-inbound-ports", port)
                .containsEntry("traffic.sidecar.istio.io/excludeOutboundPorts", "443")
                .containsEntry("config.linkerd.io/skip-outbound-ports", "443");
    }

    private static String block(String heading, int index) {
        return Readme.blocks(PAGE, "yaml").stream()
                .filter(block -> block.heading().equals(heading))
                .toList()
                .get(index)
                .text();
    }

    private static List<String> firstCells(String table) {
        return table.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|", -1)[1])
                .toList();
    }

    private static Set<String> quoted(String regex, String text) {
        Matcher matcher = Pattern.compile(regex).matcher(text);
        Set<String> found = new TreeSet<>();
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }
}
