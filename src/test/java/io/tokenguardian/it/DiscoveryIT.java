package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.Replica;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.ResourceType;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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

    /**
     * After the guardian has found the other replicas, the service connects only to the replica that refuses. If
     * connections to all other replicas fail, a request may still go to the service, or fail: on a busy machine a
     * handshake can exceed its limit of 2 s.
     */
    @Test
    void aReplicaOnlyDiscoveredKeepsReadyDownAndGetsNoRequest() throws Exception {
        world.set("QUARKUS_LOG_CATEGORY__IO_TOKENGUARDIAN_PROXY__LEVEL", "DEBUG");
        Replica slow = world.apiServer.replica(2);
        world.offset(2, Duration.ofMinutes(-10));
        try (Program serving = Program.start(world.environment())) {
            await().until(() -> serving.out().contains("verdict=not-yet-valid"));
            assertThat(serving.out()).contains(address(2));
            assertThat(world.health("ready")).isEqualTo(503);
            // Waits for the guardian's status, because the replicas respond before the guardian has processed the
            // responses.
            await().until(() -> accepting().containsAll(List.of(address(0), address(1))));
            world.apiServer.selection(ReplicaSelection.order(2));
            List<Integer> statuses = useConfigMaps();
            if (!serving.out().contains(" event=failed detail=")) {
                assertThat(statuses).containsOnly(200, 201);
                assertThat(proxiedTo(slow)).isZero();
            }
            assertThat(proxiedTo(world.apiServer.replica(0))).isPositive();
            assertThat(proxiedTo(world.apiServer.replica(1))).isPositive();
        }
    }

    /** Returns the addresses of the replicas that accept the token, according to the guardian. */
    private List<String> accepting() throws Exception {
        return status().getJsonArray("apiServers").stream()
                .map(JsonObject.class::cast)
                .filter(replica -> "accepted".equals(replica.getString("verdict")))
                .map(replica -> replica.getString("address"))
                .toList();
    }

    private JsonObject status() throws Exception {
        return new JsonObject(world.local("GET", "/status").body());
    }

    private String address(int replica) {
        return "127.0.0.1:" + world.apiServer.replica(replica).port();
    }

    /**
     * Runs twenty callers at once. Each creates, reads, replaces and deletes a config map. Returns the statuses of the
     * responses.
     */
    private List<Integer> useConfigMaps() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        List<Integer> statuses = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String name = "map-" + i;
            String map = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"" + name + "\"}}";
            callers.add(send(http, statuses, "POST", "", map)
                    .thenCompose(created -> send(http, statuses, "GET", "/" + name, ""))
                    .thenCompose(read -> send(http, statuses, "PUT", "/" + name, map))
                    .thenCompose(changed -> send(http, statuses, "DELETE", "/" + name, "")));
        }
        for (CompletableFuture<Void> caller : callers) {
            caller.get();
        }
        return statuses;
    }

    private CompletableFuture<Void> send(
            HttpClient http, List<Integer> statuses, String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(
                        "http://127.0.0.1:" + world.proxyPort + "/api/v1/namespaces/default/configmaps" + path))
                .header("Content-Type", "application/json")
                .header("X-Proxied", "yes")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, BodyHandlers.ofString())
                .thenAccept(response -> statuses.add(response.statusCode()));
    }

    private long proxiedTo(Replica replica) {
        return replica.requests().stream()
                .filter(seen -> seen.head().headers().containsKey("x-proxied"))
                .count();
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

    @Test
    void aHangingReplicaKeepsReadyDownOnlyWhileItIsListed() throws Exception {
        world.apiServer.replica(2).fault(new Fault.SilentConnection());
        try (Program serving = Program.start(world.environment())) {
            await().until(() -> serving.out().contains("verdict=unreachable"));
            assertThat(world.health("ready")).isEqualTo(503);

            world.apiServer.objects().delete(ResourceType.ENDPOINT_SLICES, "default", "kubernetes-2");

            await().atMost(LONG_TIMEOUT).until(() -> world.health("ready") == 200);
            assertThat(serving.isAlive()).isTrue();
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
                assertThat(status().getValue("candidate")).isNull();
                assertThat(world.proxied("/api").statusCode()).isEqualTo(200);
                assertThat(world.health("ready")).isEqualTo(200);
                assertThat(world.health("live")).isEqualTo(200);
            }
            assertThat(serving.out().lines().filter(line -> line.contains("replicas=")))
                    .hasSize(1);
        }
    }

    @Test
    void withoutTheRoleConfirmationsDecideUntilItIsGranted() throws Exception {
        world.apiServer.authorization((user, request) -> !request.path().contains("endpointslices"));
        world.offset(2, Duration.ofMinutes(-10));
        try (Program serving = Program.start(world.environment())) {
            ServeIT.awaitReady(world);
            await().until(() -> serving.out().contains("k8s/rbac/discovery"));
            assertThat(serving.out().lines().filter(line -> line.contains("WARN") || line.contains("ERROR")))
                    .hasSize(1);

            world.apiServer.authorization((user, request) -> true);

            await().atMost(LONG_TIMEOUT)
                    .until(() -> serving.out().contains("replicas=[")
                            && world.apiServer.requests().stream()
                                    .anyMatch(seen -> seen.head().uri().contains("watch=true")));
            assertThat(serving.out().lines().filter(line -> line.contains("replicas=")))
                    .hasSize(2);
            assertThat(serving.err()).isEmpty();
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
