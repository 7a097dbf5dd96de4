package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.replica.Finding;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While only some replicas accept the token, requests go to these replicas. */
class PartlyAcceptedTest {

    private static final Duration BEHIND = Duration.ofMinutes(-10);

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().start();
    }

    private void replicas(Duration... offsets) throws IOException {
        server.close();
        server = StandInApiServer.builder().offsets(offsets).start();
    }

    private Token issue() {
        return TestTokens.parse(server.issue(TokenSpec.unextended()));
    }

    private RunningProxy proxy(Token... usable) throws IOException {
        return StandIns.before(server, directory, new SettingsDraft(), 2).usingPartly(usable);
    }

    @Test
    void manyRequestsGetNo401AndDoNotWaitForTheSlowReplica() throws Exception {
        // Given
        replicas(Duration.ZERO, BEHIND, Duration.ZERO);
        try (RunningProxy proxy = proxy(issue())) {
            HttpClient client = HttpClient.newHttpClient();

            // When
            List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                responses.add(client.sendAsync(
                        HttpRequest.newBuilder(proxy.uri("/version")).build(), BodyHandlers.ofString()));
            }

            // Then
            for (CompletableFuture<HttpResponse<String>> response : responses) {
                assertThat(response.get().statusCode()).isEqualTo(200);
            }
            assertThat(proxy.counters().heldNow()).isZero();
        }
    }

    @Test
    void aRefusingReplicaGetsARequestOncePerConnection() throws Exception {
        // Given
        replicas(Duration.ZERO, BEHIND);
        server.selection(ReplicaSelection.order(1, 0));
        try (RunningProxy proxy = proxy(issue());
                RawCaller caller = proxy.call()) {
            // When
            for (int i = 0; i < 100; i++) {
                assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            }

            // Then
            assertThat(server.replica(1).requestCount())
                    .isBetween(1L, server.replica(1).connectionCount());
        }
    }

    @Test
    void aTokenThatOneReplicaCallsExpiredGoesToTheOthers() throws Exception {
        // Given
        Duration ahead = Duration.ofMinutes(90);
        replicas(ahead, Duration.ZERO);
        Token token = TestTokens.parse(server.issue(1, TokenSpec.unextended().lifetime(Duration.ofHours(1))));
        server.selection(ReplicaSelection.order(0, 0, 1));
        try (RunningProxy proxy = StandIns.at(() -> 0, server, directory).usingPartly(token);
                RawCaller caller = proxy.call()) {
            // When
            for (int i = 0; i < 20; i++) {
                assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            }

            // Then the connections to this replica are not used again
            assertThat(server.replica(0).requestCount())
                    .isBetween(2L, server.replica(0).connectionCount());
            assertThat(proxy.observer.refusals).contains(Finding.EXPIRED).doesNotContain(Finding.REFUSED);
        }
    }

    @Test
    void eachReplicaGetsTheTokenThatItAcceptsOverOneConnection() throws Exception {
        // Given that the old token has expired on the first replica, which issued a new token that the second refuses
        replicas(Duration.ofMinutes(20), Duration.ZERO);
        Token old = TestTokens.parse(
                server.issue(1, TokenSpec.unextended().issuedAt(Instant.now()).lifetime(Duration.ofMinutes(10))));
        Token rotated = TestTokens.parse(server.issue(0, TokenSpec.unextended()));
        try (RunningProxy proxy = proxy(rotated, old);
                RawCaller one = proxy.call();
                RawCaller two = proxy.call()) {
            // When
            for (int i = 0; i < 10; i++) {
                assertThat(one.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
                assertThat(two.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            }

            // Then
            assertThat(proxy.counters().retries()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void aBodyAboveTheReplayLimitGoesOnlyToAnAcceptingReplica() throws Exception {
        // Given
        replicas(BEHIND, BEHIND, Duration.ZERO);
        server.selection(ReplicaSelection.order(0, 1, 2));
        Token token = TestTokens.parse(server.issue(2, TokenSpec.unextended()));
        SettingsDraft draft = new SettingsDraft().replayLimit(1_000);
        byte[] body = new byte[100_000];
        try (RunningProxy proxy = StandIns.before(server, directory, draft, 1).usingPartly(token)) {
            // When
            HttpResponse<String> response = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(proxy.uri("/api/v1/namespaces/default/configmaps"))
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                    .build(),
                            BodyHandlers.ofString());

            // Then the request is not lost: the caller gets the API server's response to the body
            assertThat(response.statusCode()).isNotEqualTo(401);
            assertThat(server.requests())
                    .filteredOn(request -> request.head().method().equals("POST"))
                    .singleElement()
                    .matches(request -> request.head().replica() == 2);
        }
    }
}
