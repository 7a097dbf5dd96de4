package io.tokenguardian.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.testing.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The chart, rendered by Helm with {@code token-guardian} as release and namespace. */
final class Chart {
    static final Path DIRECTORY = Manifests.ROOT.resolve("helm/token-guardian");

    private static final List<String> LABELS = List.of(
            "helm.sh/chart", "app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by");

    private final Helm helm = Helm.find();
    private final Path chart;

    private Chart(Path chart) {
        this.chart = chart;
    }

    /** Returns the chart in this checkout. Skips the test if Helm is missing. */
    static Chart find() {
        return at(DIRECTORY);
    }

    /** @param chart a directory, or a packaged chart */
    static Chart at(Path chart) {
        return new Chart(chart);
    }

    /** Returns what lint reports, with warnings treated as errors. */
    String lint() {
        return helm.run("lint", "--strict", "--kube-version", "1.36.0", chart.toString());
    }

    /** Packages the chart into {@code directory}. */
    Path packaged(Path directory) throws IOException {
        helm.run("package", chart.toString(), "--destination", directory.toString());
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".tgz"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /**
     * Returns the output of {@code helm template}.
     *
     * @param kubernetes the version of the cluster
     * @param values YAML values, by their dotted paths
     * @throws AssertionError with Helm's message, if the values are refused
     */
    String render(String kubernetes, Map<String, String> values) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        values.forEach((path, value) -> {
            int last = path.lastIndexOf('.');
            ObjectNode parent = last < 0
                    ? all
                    : all.withObject("/" + path.substring(0, last).replace('.', '/'));
            parent.set(
                    path.substring(last + 1),
                    Manifests.documents("value: " + value).get(0).path("value"));
        });
        try {
            Path file = Files.createTempFile("values", ".json");
            Files.writeString(file, all.toString());
            String rendered = helm.run(
                    "template",
                    "token-guardian",
                    chart.toString(),
                    "--namespace=token-guardian",
                    "--kube-version=" + kubernetes,
                    "--values=" + file);
            Files.delete(file);
            return rendered;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the objects of {@code rendered}, without the labels that the chart adds to each. */
    static List<JsonNode> unlabelled(String rendered) {
        List<JsonNode> objects = Manifests.documents(rendered);
        objects.forEach(object -> {
            ObjectNode metadata = (ObjectNode) object.path("metadata");
            ObjectNode labels = (ObjectNode) metadata.path("labels");
            labels.remove(LABELS);
            if (labels.path("app.kubernetes.io/name").asText().equals("token-guardian")
                    && !object.path("apiVersion").asText().startsWith("monitoring")) {
                labels.remove("app.kubernetes.io/name");
            }
            if (labels.isEmpty()) {
                metadata.remove("labels");
            }
            Stream.of("/spec/selector/matchLabels", "/spec/template/metadata/labels")
                    .map(object::at)
                    .filter(ObjectNode.class::isInstance)
                    .forEach(ofPod -> ((ObjectNode) ofPod).remove(LABELS));
        });
        return objects;
    }

    /** Returns the dotted paths of all values. A list or an empty object counts as a single value. */
    static List<String> valuePaths() {
        return paths(
                "",
                Manifests.documents(Manifests.text(DIRECTORY.resolve("values.yaml")))
                        .get(0));
    }

    private static List<String> paths(String prefix, JsonNode values) {
        return StreamSupport.stream(values.properties().spliterator(), false)
                .flatMap(value ->
                        value.getValue().isObject() && !value.getValue().isEmpty()
                                ? paths(prefix + value.getKey() + ".", value.getValue()).stream()
                                : List.of(prefix + value.getKey()).stream())
                .toList();
    }
}
