package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.tokenguardian.standin.ReplicaSelection;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program with the environment of {@code k8s/observer}, and three replicas with their own clocks. */
class ObserverIT {
    /** Well above the minute within which the observer probes a replica that refuses its token again. */
    private static final Duration LONG_TIMEOUT = Duration.ofMinutes(2);

    private static final Pattern OFFSET =
            Pattern.compile("(?m)^token_guardian_replica_clock_offset_seconds\\{.*replica=\"([^\"]*)\".*} (\\S+)$");

    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(3, directory);
        world.apiServer.selection(ReplicaSelection.inTurn()); // no replica is missed by chance
        for (JsonNode variable : deployment().findPath("env")) {
            world.set(variable.path("name").asText(), variable.path("value").asText());
        }
    }

    private static JsonNode deployment() throws IOException {
        try (MappingIterator<JsonNode> documents = new ObjectMapper(new YAMLFactory())
                .readerFor(JsonNode.class)
                .readValues(Path.of("k8s/observer/deployment.yaml").toFile())) {
            List<JsonNode> all = documents.readAll();
            return all.get(all.size() - 1);
        }
    }

    /** Returns the offsets in whole seconds, keyed by the replica's name. */
    private Map<String, Long> offsets() throws Exception {
        return OFFSET.matcher(world.metrics())
                .results()
                .collect(Collectors.toMap(
                        found -> found.group(1), found -> Math.round(Double.parseDouble(found.group(2)))));
    }

    @Test
    void theMetricsShowEachReplicasClockAndItsCorrection() throws Exception {
        world.offset(2, Duration.ofSeconds(-400));
        try (Program observing = Program.start(world.environment())) {
            ServeIT.awaitReady(world);

            await().atMost(LONG_TIMEOUT).untilAsserted(() -> {
                Map<String, Long> offsets = offsets();
                assertThat(offsets).containsOnlyKeys("cp-1", "cp-2", "cp-3");
                assertThat(offsets.get("cp-3")).isBetween(-402L, -398L);
            });

            world.offset(2, Duration.ZERO);

            await().atMost(LONG_TIMEOUT).untilAsserted(() -> {
                Map<String, Long> offsets = offsets();
                assertThat(offsets).containsOnlyKeys("cp-1", "cp-2", "cp-3");
                assertThat(offsets.get("cp-3")).isBetween(-2L, 2L);
            });
            assertThat(observing.isAlive()).isTrue();
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
            assertThat(world.local("POST", "/quit").statusCode()).isLessThan(300);
            assertThat(observing.ended().exitCode()).isZero();
        }
    }

    @Test
    void anExplanationOfARefusalDoesNotMentionAProxy() throws Exception {
        world.breakReplica(2);

        assertThat(Program.command(world.environment(), "check").out())
                .contains(" accepts a token of this pod.")
                .doesNotContain("proxy");
    }

    @Test
    void waitNeedsNoProxy() throws Exception {
        Program.Ended ended = Program.command(world.environment(), "wait");

        assertThat(ended.exitCode()).as(ended.toString()).isZero();
    }
}
