package io.tokenguardian.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Prometheus queries in {@code k8s/monitoring} are valid, and their metrics exist. */
class MonitoringTest {
    private static final Path MONITORING = Path.of("k8s/monitoring");
    private static final Path TESTS = Path.of("src/test/resources/k8s/monitoring/rules-test.yaml");
    private static final Pattern METRIC = Pattern.compile("token_guardian_\\w+");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @Test
    void theRulesPassTheirTests(@TempDir Path directory) throws Exception {
        Promtool.require();
        Path rules = directory.resolve("rules.json");
        JSON.writeValue(rules.toFile(), rules().path("spec"));
        Path test = Files.copy(TESTS, directory.resolve("rules-test.yaml"));

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
    void everySelectorOfTheDashboardNamesTheCluster() throws Exception {
        assertThat(queries())
                .allSatisfy(query -> assertThat(query)
                        .doesNotContainPattern("token_guardian_\\w+(?![\\w{])")
                        .doesNotContainPattern("\\{(?!cluster=~\"\\$cluster\")"));
        assertThat(dashboard().path("templating").path("list").findValuesAsText("name"))
                .contains("cluster");
    }

    @Test
    void theRulesNameOnlyMetricsThatExist() throws Exception {
        String expressions = rules().findValuesAsText("expr").stream().collect(Collectors.joining("\n"));

        assertThat(metricsIn(expressions)).hasSizeGreaterThan(3).isSubsetOf(existing());
    }

    @Test
    void thePodMonitorsScrapeThePortAndPathOfTheGuardian() throws Exception {
        JsonNode port = YAML.readTree(Path.of("k8s/pod.yaml").toFile())
                .path("spec")
                .path("initContainers")
                .path(0)
                .path("ports")
                .path(0);

        assertThat(podMonitors()).hasSize(2).allSatisfy(monitor -> {
            JsonNode endpoint = monitor.path("spec").path("podMetricsEndpoints").path(0);
            assertThat(endpoint.path("path").asText()).isEqualTo("/q/metrics");
            assertThat(endpoint.path("port")).isEqualTo(port.path("name"));
        });
    }

    /**
     * The operator uses the value of this label as the job name, and the rules find the observer's metrics by the job
     * name.
     */
    @Test
    void theObserversJobIsTheOneThatRulesAndDashboardName() throws Exception {
        JsonNode observer = podMonitors().get(1).path("spec");
        String job = observer.path("selector")
                .path("matchLabels")
                .path(observer.path("jobLabel").asText())
                .asText();

        Set<String> named = Stream.concat(rules().findValuesAsText("expr").stream(), queries().stream())
                .flatMap(query ->
                        Pattern.compile("job!?=\"([^\"]*)\"").matcher(query).results())
                .map(found -> found.group(1))
                .collect(Collectors.toSet());

        assertThat(named).containsExactly(job);
    }

    private static List<JsonNode> podMonitors() throws IOException {
        try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class)
                .readValues(MONITORING.resolve("podmonitor.yaml").toFile())) {
            return all.readAll();
        }
    }

    private static Set<String> existing() {
        return MetricsTest.names().stream().collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the names of the metrics. A histogram is represented by its parts. */
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
