package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program with the environment of {@code k8s/observer}, and three replicas with their own clocks. */
class ObserverIT {

    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(3, directory);
        for (JsonNode variable : deployment().findPath("env")) {
            world.set(variable.path("name").asText(), variable.path("value").asText());
        }
    }

    private static JsonNode deployment() throws IOException {
        try (MappingIterator<JsonNode> documents = new ObjectMapper(new YAMLFactory())
                .readerFor(JsonNode.class)
                .readValues(Path.of("k8s/observer/observer.yaml").toFile())) {
            List<JsonNode> all = documents.readAll();
            return all.get(all.size() - 1);
        }
    }

    @Test
    void withoutAProxyHealthStatusAndMetricsAreUnchanged() throws Exception {
        try (Program observing = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            assertThatThrownBy(() -> world.proxied("/version")).isInstanceOf(ConnectException.class);
            assertThat(world.health("started")).isEqualTo(200);
            assertThat(world.healthBody("live")).contains("UP").doesNotContain("proxy");
            assertThat(world.status().getJsonObject("proxy").getInteger("requests"))
                    .isZero();
            assertThat(world.metrics()).contains("token_guardian_usable 1.0");
            assertThat(observing.out()).doesNotContainIgnoringCase("proxy");
            assertThat(world.local("POST", "/quit").statusCode()).isEqualTo(403);
        }
    }
}
