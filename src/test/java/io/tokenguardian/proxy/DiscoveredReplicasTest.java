package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests while one of three discovered replicas refuses the token. The service connects only to this replica, so
 * requests to this replica came through the service.
 */
class DiscoveredReplicasTest {

    private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
    private static final int REFUSING = 1;

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    private Token token;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder()
                .offsets(Duration.ZERO, Duration.ofMinutes(-3), Duration.ZERO)
                .start();
        server.selection(ReplicaSelection.order(REFUSING));
        token = TestTokens.parse(server.issue(0, TokenSpec.unextended()));
    }

    /** The results of the guardian's probes. */
    private static final class Probed implements ApiServer.Discovered {
        private final ApiServerAddress address;
        volatile boolean accepts;

        Probed(int port, boolean accepts) {
            this(new ApiServerAddress("127.0.0.1", port, "127.0.0.1"), accepts);
        }

        Probed(ApiServerAddress address, boolean accepts) {
            this.address = address;
            this.accepts = accepts;
        }

        @Override
        public ApiServerAddress address() {
            return address;
        }

        @Override
        public boolean accepts(Token asked) {
            return accepts;
        }
    }

    private List<Probed> probed() {
        List<Probed> all = new ArrayList<>();
        for (int i = 0; i < server.replicas().size(); i++) {
            all.add(new Probed(server.replica(i).port(), i != REFUSING));
        }
        return all;
    }

    private RunningProxy proxy(SettingsDraft draft, int threads, List<Probed> probed) throws IOException {
        RunningProxy proxy = StandIns.before(server, directory, draft, threads).usingPartly(token);
        proxy.discovered.addAll(probed);
        return proxy;
    }

    private long[] requests() {
        return server.replicas().stream()
                .mapToLong(replica -> replica.requestCount())
                .toArray();
    }

    @Test
    void requestsOfAllVerbsGoOnlyToAcceptingReplicas() throws Exception {
        try (RunningProxy proxy = proxy(new SettingsDraft(), 2, probed())) {
            // When 50 callers use a config map at the same time
            HttpClient client = HttpClient.newHttpClient();
            List<CompletableFuture<Void>> callers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                callers.add(useConfigMap(client, proxy, "map-" + i));
            }
            for (CompletableFuture<Void> caller : callers) {
                caller.get();
            }
            // Then
            assertThat(server.replica(REFUSING).connectionCount()).isZero();
            assertThat(proxy.counters().retries()).isZero();
            assertThat(proxy.counters().heldNow()).isZero();
            assertThat(server.executed())
                    .filteredOn(request -> request.head().uri().startsWith(CONFIG_MAPS)) // without proofs
                    .hasSize(50 * 4);
            long connections =
                    server.replica(0).connectionCount() + server.replica(2).connectionCount();
            assertThat(server.replica(0).connectionCount()).isBetween(connections / 2 - 1, connections / 2 + 1);
        }
    }

    /** Creates an object, reads it, changes it and deletes it. */
    private static CompletableFuture<Void> useConfigMap(HttpClient client, RunningProxy proxy, String name) {
        String map = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"" + name + "\"}}";
        String path = CONFIG_MAPS + "/" + name;
        return send(client, proxy, "POST", CONFIG_MAPS, "application/json", map)
                .thenCompose(created -> send(client, proxy, "GET", path, "application/json", ""))
                .thenCompose(read -> send(
                        client,
                        proxy,
                        "PATCH",
                        path,
                        "application/merge-patch+json",
                        "{\"data\":{\"changed\":\"yes\"}}"))
                .thenCompose(changed -> send(client, proxy, "DELETE", path, "application/json", ""))
                .thenAccept(deleted -> {});
    }

    private static CompletableFuture<HttpResponse<String>> send(
            HttpClient client, RunningProxy proxy, String method, String path, String type, String body) {
        HttpRequest request = HttpRequest.newBuilder(proxy.uri(path))
                .header("Content-Type", type)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        return client.sendAsync(request, BodyHandlers.ofString()).thenApply(response -> {
            assertThat(response.statusCode()).isBetween(200, 201);
            return response;
        });
    }

    @Test
    void upgradesAndWatchesGoOnlyToAcceptingReplicas() throws IOException {
        try (RunningProxy proxy = proxy(new SettingsDraft(), 1, probed());
                RawCaller watching = proxy.call();
                RawCaller upgraded = proxy.call()) {
            watching.get(CONFIG_MAPS + "?watch=true", "");
            assertThat(watching.readHead()).startsWith("HTTP/1.1 200 ");
            upgraded.send(TunnelTest.SPDY);
            assertThat(upgraded.readHead()).startsWith("HTTP/1.1 101 ");
            upgraded.send("hello");
            assertThat(upgraded.read(5)).isEqualTo("hello");
            assertThat(server.replica(REFUSING).connectionCount()).isZero();
        }
    }

    @Test
    void aBodyAboveTheReplayLimitGoesOnlyToAnAcceptingReplica() throws Exception {
        try (RunningProxy proxy = proxy(new SettingsDraft().replayLimit(1_000), 1, probed())) {
            HttpResponse<String> response = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(proxy.uri(CONFIG_MAPS))
                                    .POST(BodyPublishers.ofByteArray(new byte[100_000]))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(server.replica(REFUSING).connectionCount()).isZero();
        }
    }

    @Test
    void aReplicaThatBeginsToAcceptGetsItsPartOfNewConnections() throws IOException {
        List<Probed> probed = probed();
        try (RunningProxy proxy = proxy(new SettingsDraft(), 1, probed)) {
            watch(proxy, 6);
            server.replica(REFUSING).clock().offset(Duration.ZERO);
            probed.get(REFUSING).accepts = true;
            watch(proxy, 6);
            assertThat(server.replicas())
                    .extracting(replica -> replica.connectionCount())
                    .containsExactly(5L, 2L, 5L);
        }
    }

    /** Starts watches. Each of them keeps its connection. */
    private static void watch(RunningProxy proxy, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            RawCaller caller = proxy.call(); // closed together with the proxy
            caller.get(CONFIG_MAPS + "?watch=true", "");
            assertThat(caller.readHead()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void aReplicaThatStartsToRefuseLosesRequestAndNewConnections() throws IOException {
        try (RunningProxy proxy = proxy(new SettingsDraft(), 1, probed());
                RawCaller caller = proxy.call()) {
            assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            int first = requests()[0] == 1 ? 0 : 2;
            int other = 2 - first;
            server.replica(first).stepClock(Duration.ofMinutes(-3));
            // When
            assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            watch(proxy, 4);
            // Then
            assertThat(server.replica(first).requestCount()).isEqualTo(2);
            assertThat(server.replica(first).connectionCount()).isEqualTo(1);
            assertThat(server.replica(other).requestCount()).isEqualTo(5);
            assertThat(server.replica(REFUSING).connectionCount()).isZero();
        }
    }

    /** A replica without the token's key behaves in this way. */
    @Test
    void aReplicaRefusingForAnyReasonLosesRequestAndNewConnections() throws IOException {
        try (RunningProxy proxy = proxy(new SettingsDraft(), 1, probed());
                RawCaller caller = proxy.call()) {
            assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            int first = requests()[0] == 1 ? 0 : 2;
            server.replica(first).fault(new Fault.Instead(401, Map.of(), "Unauthorized"));
            // When
            assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            watch(proxy, 4);
            // Then the request and the proof were refused
            assertThat(server.replica(first).requestCount()).isEqualTo(3);
            assertThat(server.replica(first).connectionCount()).isEqualTo(1);
            assertThat(server.replica(REFUSING).connectionCount()).isZero();
        }
    }

    /** All clocks are behind, and the proxy has observed only the replica that the service connects to. */
    @Test
    void aHeldRequestContinuesWhenAReplicaIsKnownToAccept() throws IOException {
        List<Probed> probed = probed();
        probed.forEach(each -> each.accepts = false);
        try (RunningProxy proxy = proxy(new SettingsDraft(), 1, probed);
                RawCaller caller = proxy.call()) {
            caller.get("/version", "");
            await().until(() -> proxy.counters().heldNow() == 1);
            // When
            probed.get(0).accepts = true;
            proxy.reportAcceptance();
            // Then
            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(server.replica(0).requestCount()).isEqualTo(1);
        }
    }

    @Test
    void theServiceIsUsedIfTheReplicasAddressesRefuseConnections() throws IOException {
        server.replica(REFUSING).clock().offset(Duration.ZERO);
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        try (RunningProxy proxy = proxy(new SettingsDraft(), 1, List.of(new Probed(closed, true)));
                RawCaller caller = proxy.call()) {
            assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(server.replica(REFUSING).requestCount()).isEqualTo(1);
        }
    }

    /**
     * A forged list can't make the proxy send a token to its own listener, which lacks the API server's certificate.
     */
    @Test
    void theProxysOwnAddressGetsNoRequest() throws IOException {
        server.replica(REFUSING).clock().offset(Duration.ZERO);
        try (RunningProxy proxy = proxy(new SettingsDraft(), 1, List.of());
                RawCaller caller = proxy.call()) {
            proxy.discovered.add(new Probed(proxy.uri("/").getPort(), true));
            assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(server.replica(REFUSING).requestCount()).isEqualTo(1);
        }
    }

    /** The name in the certificate is the name that a probe of a discovered replica verifies. */
    @Test
    void anAddressWhoseCertificateHasAnotherNameGetsNoRequest() throws IOException {
        server.replica(REFUSING).clock().offset(Duration.ZERO);
        try (RunningProxy proxy = proxy(new SettingsDraft(), 1, List.of());
                RawCaller caller = proxy.call()) {
            proxy.discovered.add(new Probed(
                    new ApiServerAddress("127.0.0.1", server.replica(0).port(), "other.example"), true));
            assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(server.replica(0).requestCount()).isZero();
            await().until(() -> server.replica(0).openConnections() == 0);
        }
    }
}
