package io.tokenguardian.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.tokenguardian.Promtool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code k8s/monitoring} asks of Prometheus: that it can be asked, and that the metrics in it exist. */
class MonitoringTest {
    private static final Path MONITORING = Path.of("k8s/monitoring");
    private static final Pattern METRIC = Pattern.compile("token_guardian_\\w+");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @Test
    void theRulesPassTheirTests(@TempDir Path directory) throws Exception {
        Promtool.require();
        Path rules = directory.resolve("rules.json");
        JSON.writeValue(rules.toFile(), rules().path("spec"));
        Path test = Files.copy(MONITORING.resolve("rules-test.yaml"), directory.resolve("rules-test.yaml"));

        Promtool.passes("", "check", "rules", rules.toString());
        Promtool.passes("", "test", "rules", test.toString());
    }

    @Test
    void prometheusCanReadEveryQueryOfTheDashboard(@TempDir Path directory) throws Exception {
        Promtool.require();
        ObjectNode file = JSON.createObjectNode();
        ArrayNode asRules =
                file.putArray("groups").addObject().put("name", "dashboard").putArray("rules");
        queries()
                .forEach(query -> asRules.addObject()
                        .put("record", "query:" + asRules.size())
                        .put("expr", query.replace("$__rate_interval", "1m")));
        Path rules = directory.resolve("queries.json");
        JSON.writeValue(rules.toFile(), file);

        assertThat(Promtool.passes("", "check", "rules", "--lint=none", rules.toString()))
                .contains(asRules.size() + " rules found");
    }

    @Test
    void theDashboardNamesOnlyMetricsThatExistAndShowsThemAll() throws Exception {
        Set<String> shown = metricsIn(String.join("\n", queries()));

        assertThat(shown).isEqualTo(existing());
    }

    @Test
    void theRulesNameOnlyMetricsThatExist() throws Exception {
        String expressions = rules().findValuesAsText("expr").stream().collect(Collectors.joining("\n"));

        assertThat(metricsIn(expressions)).hasSizeGreaterThan(3).isSubsetOf(existing());
    }

    @Test
    void noTwoPanelsOfTheDashboardOverlap() throws Exception {
        Set<String> cells = new TreeSet<>();
        int area = 0;
        for (JsonNode panel : dashboard().path("panels")) {
            JsonNode at = panel.path("gridPos");
            for (int x = 0; x < at.path("w").asInt(); x++) {
                for (int y = 0; y < at.path("h").asInt(); y++) {
                    cells.add((at.path("x").asInt() + x) + "," + (at.path("y").asInt() + y));
                    area++;
                }
            }
        }
        assertThat(cells).hasSize(area).noneMatch(cell -> Integer.parseInt(cell.split(",", -1)[0]) >= 24);
    }

    @Test
    void thePodMonitorScrapesThePortAndPathOfTheGuardian() throws Exception {
        JsonNode endpoint = YAML.readTree(MONITORING.resolve("podmonitor.yaml").toFile())
                .path("spec")
                .path("podMetricsEndpoints")
                .path(0);
        JsonNode port = YAML.readTree(Path.of("k8s/pod.yaml").toFile())
                .path("spec")
                .path("initContainers")
                .path(0)
                .path("ports")
                .path(0);

        assertThat(endpoint.path("path").asText()).isEqualTo("/q/metrics");
        assertThat(endpoint.path("port")).isEqualTo(port.path("name"));
    }

    private static Set<String> existing() {
        return MetricsTest.names().stream().collect(Collectors.toCollection(TreeSet::new));
    }

    /** A histogram goes by its parts: they stand for it. */
    private static Set<String> metricsIn(String expressions) {
        return METRIC.matcher(expressions)
                .results()
                .map(found -> found.group().replaceAll("_(bucket|sum|count)$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> queries() throws IOException {
        List<String> queries = dashboard().findValuesAsText("expr");
        assertThat(queries).hasSizeGreaterThan(10);
        return queries;
    }

    private static JsonNode dashboard() throws IOException {
        return JSON.readTree(MONITORING.resolve("dashboard.json").toFile());
    }

    private static JsonNode rules() throws IOException {
        return YAML.readTree(MONITORING.resolve("rules.yaml").toFile());
    }
}
