package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Quantity;
import io.tokenguardian.Readme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How the components of {@code k8s} change a sample of each workload kind, and a pod that does not select them. With
 * {@code GOLDEN=write} in the environment, the golden files are written instead of compared.
 */
class SidecarTest {
    static final String QUOTAS = "Quotas and limit ranges";
    private static final Path GOLDEN = Path.of("src/test/resources/k8s");

    @TempDir
    Path directory = Path.of("");

    private final Kubectl kubectl = Kubectl.find();

    @BeforeEach
    void sample() throws IOException {
        Files.copy(GOLDEN.resolve("samples.yaml"), directory.resolve("samples.yaml"));
    }

    @ParameterizedTest
    @CsvSource({"sidecar, gate", "sidecar/transparent, transparent", "wait-only, wait-only"})
    void eachWorkloadBecomesWhatTheGoldenFileSays(String component, String file) throws IOException {
        String rendered = render(component);

        Path golden = GOLDEN.resolve("sidecar").resolve(file + ".yaml");
        if ("write".equals(System.getenv("GOLDEN"))) {
            Files.writeString(golden, rendered);
        }
        assertThat(rendered).isEqualTo(Manifests.text(golden));
        assertThat(Manifests.objects(rendered)).hasSize(7);
    }

    /**
     * JSON is YAML in flow style. Kustomize up to 5.5 inserts a patch with its comments into flow style, and then can't
     * parse the result. Therefore, the patches have no comments.
     */
    @ParameterizedTest
    @CsvSource({"sidecar, gate", "sidecar/transparent, transparent", "wait-only, wait-only"})
    void aWorkloadInFlowStyleBecomesTheSame(String component, String file) throws IOException {
        Files.writeString(
                directory.resolve("samples.yaml"),
                Manifests.documents(Manifests.text(GOLDEN.resolve("samples.yaml"))).stream()
                        .map(JsonNode::toString)
                        .collect(Collectors.joining("\n---\n")));

        assertThat(render(component))
                .isEqualTo(Manifests.text(GOLDEN.resolve("sidecar").resolve(file + ".yaml")));
    }

    @Test
    void theResourcesThatThePageHasForQuotasTakeThePlaceOfTheSidecars() throws IOException {
        String patches = Readme.block(Path.of("docs/kubernetes.md"), "yaml", QUOTAS);

        List<Workload> all = Workload.all(render(List.of("sidecar"), patches));

        Map<String, Quantity> limits = Map.of("cpu", new Quantity("1"), "memory", new Quantity("256Mi"));
        Map<String, Quantity> requests = Map.of("cpu", new Quantity("500m"), "memory", new Quantity("128Mi"));
        assertThat(all)
                .filteredOn(workload -> Set.of("Deployment", "StatefulSet", "DaemonSet", "Job")
                        .contains(workload.object().getKind()))
                .hasSize(4)
                .allSatisfy(workload -> {
                    Container expected = Sidecar.ofTheComponent();
                    expected.getResources().setLimits(limits);
                    expected.getResources().setRequests(requests);
                    assertThat(workload.template().getSpec().getInitContainers().get(0))
                            .isEqualTo(expected);
                });
    }

    private String render(String component) throws IOException {
        return render(List.of(component), "");
    }

    /** @param more additional lines of the kustomization */
    private String render(List<String> components, String more) throws IOException {
        return new Kustomization(kubectl, directory).render(components, more);
    }
}
