package io.tokenguardian.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The guardian's containers in a YAML file, including YAML in a text field, as Argo uses it. */
final class GuardianContainers {
    private static final String IMAGE = "token-guardian:" + ImageTest.version();

    private GuardianContainers() {}

    /**
     * Returns the files under {@code k8s} that contain a guardian. The chart is left out because it has copies of them.
     */
    static List<Path> files() {
        try (Stream<Path> files = Files.walk(Manifests.ROOT)) {
            return files.filter(file -> file.toString().endsWith(".yaml") && !file.startsWith(Chart.DIRECTORY))
                    .filter(file -> !in(Manifests.text(file)).isEmpty())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Container> in(String yaml) {
        List<Container> found = new ArrayList<>();
        Manifests.documents(yaml).forEach(document -> collect(document, found));
        return found;
    }

    private static void collect(JsonNode node, List<Container> found) {
        if (node.has("name") && node.path("image").asText().equals(IMAGE)) {
            found.add(Manifests.read(node, Container.class));
        } else if (node.isTextual() && node.asText().contains("image: " + IMAGE)) {
            found.addAll(in(node.asText()));
        }
        node.forEach(child -> collect(child, found));
    }
}
