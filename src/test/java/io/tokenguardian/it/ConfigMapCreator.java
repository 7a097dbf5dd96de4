package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A client that creates a config map for each name that it gets. */
@FunctionalInterface
interface ConfigMapCreator {
    void create(String name) throws Exception;

    /** Uses a running program that reads the names from its standard input. */
    static ConfigMapCreator of(Program running) {
        return name -> {
            running.tell(name);
            await().failFast("the client has ended", () -> !running.isAlive())
                    .until(() -> running.out().contains("configmap/" + name + " created"));
        };
    }

    /** Starts kubectl for each name. The manifests are written to {@code directory}. */
    static ConfigMapCreator of(Client kubectl, Path directory) {
        // The stand-in has no OpenAPI document for kubectl to validate against.
        return name -> assertThat(kubectl.run("create", "--filename", manifest(directory, name), "--validate=false"))
                .containsExactly("configmap/" + name + " created");
    }

    /** Writes the manifest of a config map, and returns the path of the file. */
    static String manifest(Path directory, String name) throws IOException {
        return Files.writeString(directory.resolve(name + ".json"), """
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s"}}
                """.formatted(name))
                .toString();
    }
}
