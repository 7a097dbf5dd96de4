package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.ResourceType;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program with three replicas, while the service sends all connections to the first. */
class DiscoveryIT {
    /** Well above the pauses between attempts, and well below the four minutes for which a list is used. */
    private static final Duration LONG_TIMEOUT = Duration.ofMinutes(2);

    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(3, directory).set("GUARDIAN_API_SERVER_DISCOVER_REPLICAS", "true");
        world.apiServer.selection(ReplicaSelection.order(0));
    }

    @Test
    void aReplicaOnlyDiscoveredKeepsReadyDown() throws Exception {
        world.offset(2, Duration.ofMinutes(-10));
        try (Program serving = Program.start(world.environment())) {
            await().until(() -> serving.out().contains("verdict=not-yet-valid"));
            assertThat(serving.out()).contains(address(2));
            assertThat(world.health("ready")).isEqualTo(503);
            await().until(() -> accepting().containsAll(List.of(address(0), address(1))));
        }
    }

    /** Returns the addresses of the replicas that accept the token, according to the guardian. */
    private List<String> accepting() throws Exception {
        return world.status().getJsonArray("apiServers").stream()
                .map(JsonObject.class::cast)
                .filter(replica -> "accepted".equals(replica.getString("verdict")))
                .map(replica -> replica.getString("address"))
                .toList();
    }

    private String address(int replica) {
        return "127.0.0.1:" + world.apiServer.replica(replica).port();
    }

    @Test
    void theWatchReportsAnEndpointSliceThatIsAddedLater() throws Exception {
        var slices = world.apiServer.objects();
        var last = slices.delete(ResourceType.ENDPOINT_SLICES, "default", "kubernetes-2");
        try (Program serving = Program.start(world.environment())) {
            ServeIT.awaitReady(world);
            await().until(() -> world.apiServer.requests().stream()
                    .anyMatch(seen -> seen.head().uri().contains("watch=true")));
            world.offset(2, Duration.ofMinutes(-10));

            slices.create(ResourceType.ENDPOINT_SLICES, "default", last);

            await().until(() -> world.health("ready") == 503);
            await().untilAsserted(() -> assertThat(serving.out()).contains("refuses", address(2)));
        }
    }

    /** The replica stays in the list, and each probe of it times out after 5 s. */
    @Test
    void aHangingReplicaDoesNotPreventTheUseOfARotatedToken(@TempDir Path directory) throws Exception {
        Path vetted = directory.resolve("vetted");
        world.set("GUARDIAN_VETTED_DIRECTORY", vetted.toString());
        try (Program serving = Program.start(world.environment())) {
            ServeIT.awaitReady(world);
            await().until(() -> accepting().containsAll(List.of(address(0), address(1), address(2))));
            world.apiServer.replica(2).fault(new Fault.SilentConnection());

            for (int rotation = 0; rotation < 3; rotation++) {
                String rotated = world.apiServer.issue();
                world.mount(rotated);

                await().until(() -> Files.readString(vetted.resolve("token")).equals(rotated));
                assertThat(world.status().getValue("candidate")).isNull();
                assertThat(world.proxied("/api").statusCode()).isEqualTo(200);
                assertThat(world.health("ready")).isEqualTo(200);
                assertThat(world.health("live")).isEqualTo(200);
            }
            assertThat(serving.out().lines().filter(line -> line.contains("replicas=")))
                    .hasSize(1);
        }
    }

    /** The client would log an error for each attempt. */
    @Test
    void aForbiddenWatchIsLoggedOnce() throws Exception {
        for (int replica = 0; replica < 3; replica++) {
            world.apiServer
                    .replica(replica)
                    .fault(
                            Fault.status(403, "Forbidden"),
                            Integer.MAX_VALUE,
                            head -> head.uri().contains("watch=true"));
        }
        try (Program serving = Program.start(world.environment())) {
            await().atMost(LONG_TIMEOUT).until(() -> serving.out().contains("replica-watch=failed"));

            assertThat(serving.out().lines().filter(line -> line.contains("WARN") || line.contains("ERROR")))
                    .hasSize(1);
            assertThat(world.health("live")).isEqualTo(200);
        }
    }
}
