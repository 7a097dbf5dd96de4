package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The objects that the chart renders from its values. With {@code GOLDEN=write} in the environment, the golden files
 * are written instead of compared.
 */
class ChartValuesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/k8s/helm.yaml");

    private static final Pattern VALUE = Pattern.compile("(?m)^( *)(\\w+):(?:.*? # (.*)|.*)$");

    /** Values that all differ from the defaults. */
    static final Map<String, String> OTHERS = new LinkedHashMap<>();

    static {
        OTHERS.put("fullnameOverride", "guardian");
        OTHERS.put("commonLabels", "{example.com/owner: platform}");
        OTHERS.put("image.registry", "registry.example.com:5000");
        OTHERS.put("image.repository", "platform/token-guardian");
        OTHERS.put("image.tag", "0.2.0");
        OTHERS.put("image.digest", "sha256:" + "ab".repeat(32));
        OTHERS.put("image.pullPolicy", "Always");
        OTHERS.put("imagePullSecrets", "[{name: registry}]");
        OTHERS.put("injection.enabled", "false");
        OTHERS.put("injection.mode", "transparent");
        OTHERS.put("injection.vettedToken", "placeholder");
        OTHERS.put("injection.validation", "false");
        OTHERS.put("injection.namespaceLabel", "false");
        OTHERS.put("injection.namespaceSelector", "{matchLabels: {team: pipelines}}");
        OTHERS.put("injection.excludedNamespaces", "[kube-system, platform]");
        OTHERS.put("injection.imageAnnotation", "true");
        OTHERS.put("injection.ports.proxy", "18001");
        OTHERS.put("injection.ports.http", "18002");
        OTHERS.put("injection.ports.inCluster", "18003");
        OTHERS.put("injection.ports.management", "19000");
        OTHERS.put("injection.resources.requests.cpu", "500m");
        OTHERS.put("injection.resources.requests.memory", "128Mi");
        OTHERS.put("injection.resources.limits.cpu", "'1'");
        OTHERS.put("injection.resources.limits.memory", "512Mi");
        OTHERS.put("observer.enabled", "false");
        OTHERS.put("observer.extraEnv", "[{name: GUARDIAN_API_SERVER_LEEWAY, value: 30s}]");
        OTHERS.put("observer.resources", "{limits: {memory: 512Mi}}");
        OTHERS.put("observer.podAnnotations", "{example.com/team: platform}");
        OTHERS.put("observer.podLabels", "{team: platform}");
        OTHERS.put("observer.serviceAccount.create", "false");
        OTHERS.put("observer.serviceAccount.name", "observer");
        OTHERS.put("observer.serviceAccount.annotations", "{example.com/team: platform}");
        OTHERS.put("observer.nodeSelector", "{node-role.kubernetes.io/infra: ''}");
        OTHERS.put(
                "observer.topologySpreadConstraints",
                "[{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]");
        OTHERS.put("observer.priorityClassName", "system-cluster-critical");
        OTHERS.put("observer.tolerations", "[{key: node-role.kubernetes.io/infra, operator: Exists}]");
        OTHERS.put("observer.affinity", "{nodeAffinity: {}}");
        OTHERS.put("observer.runAsUser", "false");
        OTHERS.put("rbac.serviceAccounts", "[{namespace: a, names: [x, y]}, {namespace: b, names: [z]}]");
        OTHERS.put("rbac.podCondition", "true");
        OTHERS.put("monitoring.podMonitors", "true");
        OTHERS.put("monitoring.rules", "true");
        OTHERS.put("monitoring.dashboard", "true");
        OTHERS.put("monitoring.labels", "{release: kube-prometheus-stack}");
        OTHERS.put("monitoring.dashboardLabels", "{dashboards: yes-please}");
    }

    private final Chart chart = Chart.find();

    static Stream<String> values() {
        return OTHERS.keySet().stream();
    }

    @Test
    void itRendersWhatTheGoldenFileSays() {
        Map<String, String> values = new LinkedHashMap<>(OTHERS);
        values.put("injection.enabled", "true");
        values.put("injection.validation", "true");
        values.put("observer.enabled", "true");
        values.put("observer.serviceAccount.create", "true");
        values.put("monitoring.dashboard", "false");

        String rendered = chart.render("1.36.0", values);

        Manifests.assertGolden(GOLDEN, rendered);
        assertThat(Manifests.documents(rendered))
                .filteredOn(object -> !object.path("apiVersion").asText().startsWith("monitoring"))
                .isNotEmpty()
                .allSatisfy(Manifests::object);
    }

    @Test
    void theReadmeEndsWithTheTableOfAllValues() {
        Path readme = Chart.DIRECTORY.resolve("README.md");
        String head = "| Key | Type | Default | Description |\n|---|---|---|---|\n";
        String expected = Manifests.text(readme).split(Pattern.quote(head), -1)[0] + head + table();

        Manifests.assertGolden(readme, expected);
    }

    /** The table has the form of helm-docs. The description is the comment at the end of the value's line. */
    private static String table() {
        String yaml = Manifests.text(Chart.DIRECTORY.resolve("values.yaml"));
        JsonNode values = Manifests.documents(yaml).get(0);
        List<String> keys = Chart.valuePaths();
        List<String> path = new ArrayList<>();
        StringBuilder rows = new StringBuilder();
        VALUE.matcher(yaml).results().forEach(line -> {
            path.subList(Math.min(line.group(1).length() / 2, path.size()), path.size())
                    .clear();
            path.add(line.group(2));
            if (keys.contains(String.join(".", path))) {
                JsonNode value = values.at("/" + String.join("/", path));
                String type = value.isInt() ? "int" : value.isBoolean() ? "bool" : value.isArray() ? "list" : "";
                type = value.isTextual() ? "string" : value.isObject() ? "object" : type;
                rows.append("| %s | %s | `%s` | %s |\n".formatted(String.join(".", path), type, value, line.group(3)));
            }
        });
        assertThat(rows.toString().lines()).hasSize(keys.size()).noneMatch(row -> row.endsWith("| null |"));
        return rows.toString();
    }

    @Test
    void eachValueThatThereIsHasATestHere() {
        assertThat(Chart.valuePaths())
                .containsExactlyInAnyOrderElementsOf(values().map(value -> value.equals("monitoring.dashboardLabels")
                                ? "monitoring.dashboardLabels.grafana_dashboard"
                                : value)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("values")
    void eachValueChangesWhatIsRendered(String value) {
        Map<String, String> values = new LinkedHashMap<>();
        if (value.startsWith("monitoring") || value.startsWith("rbac.serviceAccounts")) {
            values.putAll(
                    Map.of("monitoring.rules", "true", "monitoring.dashboard", "true", "rbac.podCondition", "true"));
            values.remove(value);
        }
        String before = chart.render("1.36.0", values);
        values.put(value, OTHERS.getOrDefault(value, ""));

        String after = chart.render("1.36.0", values);

        assertThat(after).isNotEqualTo(before);
        assertThat(Manifests.documents(after))
                .filteredOn(object -> !object.path("apiVersion").asText().startsWith("monitoring"))
                .allSatisfy(Manifests::object);
    }
}
