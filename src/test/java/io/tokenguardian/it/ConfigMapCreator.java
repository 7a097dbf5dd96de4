package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A client that makes a config map of each name that it is told. */
@FunctionalInterface
interface ConfigMapCreator {
    void create(String name) throws Exception;

    /** A program that runs, and reads the names. */
    static ConfigMapCreator of(Program running) {
        return name -> {
            running.tell(name);
            await().failFast("the client has ended", () -> !running.isAlive())
                    .until(() -> running.out().contains("configmap/" + name + " created"));
        };
    }

    /** kubectl, started for each name. {@code directory} is for its manifests. */
    static ConfigMapCreator of(Client kubectl, Path directory) {
        // The stand-in has no OpenAPI document, which kubectl validates against.
        return name -> assertThat(kubectl.run("create", "--filename", manifest(directory, name), "--validate=false"))
                .containsExactly("configmap/" + name + " created");
    }

    /** Writes the manifest of a config map. Returns its file. */
    static String manifest(Path directory, String name) throws IOException {
        return Files.writeString(directory.resolve(name + ".json"), """
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s"}}
                """.formatted(name))
                .toString();
    }
}
