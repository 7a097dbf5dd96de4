package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which PodMonitor of {@code k8s/monitoring} selects a pod. {@code MonitoringTest} checks the port. */
class PodMonitorTest {
    static final String HEADING = "Monitoring";

    /** The first is a pod with a pasted sidecar, and the second a pod that the component or the policy has labelled. */
    @ParameterizedTest
    @CsvSource({
        "app, web, token-guardian",
        "token-guardian.io/inject, true, token-guardian",
        "app.kubernetes.io/name, web, token-guardian",
        "app.kubernetes.io/name, token-guardian-observer, token-guardian-observer"
    })
    void eachPodIsScrapedByOnePodMonitor(String label, String value, String podMonitor) {
        List<JsonNode> all = Manifests.documents(Manifests.text(Manifests.ROOT.resolve("monitoring/podmonitor.yaml")));

        assertThat(all)
                .filteredOn(monitor -> selects(
                        Manifests.read(monitor.path("spec").path("selector"), LabelSelector.class),
                        Map.of(label, value)))
                .extracting(monitor -> monitor.path("metadata").path("name").asText())
                .containsExactly(podMonitor);
    }

    private static boolean selects(LabelSelector selector, Map<String, String> labels) {
        assertThat(selector.getMatchExpressions())
                .allMatch(expression -> expression.getOperator().equals("NotIn"));
        return labels.entrySet().containsAll(selector.getMatchLabels().entrySet())
                && selector.getMatchExpressions().stream()
                        .noneMatch(expression -> expression.getValues().contains(labels.get(expression.getKey())));
    }

    @Test
    void theKustomizationOfThePageLabelsMonitorsAndRules(@TempDir Path directory) throws IOException {
        List<JsonNode> rendered = Manifests.documents(Kubectl.find().kustomizePage(HEADING, directory));

        assertThat(rendered).hasSize(4).allSatisfy(object -> {
            assertThat(object.path("metadata").path("namespace").asText()).isEqualTo("monitoring");
            assertThat(object.path("metadata").path("labels").path("release").asText())
                    .isEqualTo("kube-prometheus-stack");
        });
    }
}
