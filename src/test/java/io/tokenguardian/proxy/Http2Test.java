package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.dev.Fault;
import io.tokenguardian.dev.Fault.Manner;
import io.tokenguardian.dev.Fault.Moment;
import io.tokenguardian.dev.ReplicaSelection;
import io.tokenguardian.dev.StandInApiServer;
import io.tokenguardian.dev.TokenSpec;
import io.tokenguardian.proxy.ProxySettings.Http2Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class Http2Test {

    @TempDir
    Path directory;

    private RunningProxy before(StandInApiServer server) throws IOException {
        return StandIns.before(server, directory, new SettingsDraft().http2(Http2Mode.AUTO), 1);
    }

    @Test
    void requestsShareOneConnection() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = before(server).using(server.issue());
                RawCaller first = proxy.call();
                RawCaller second = proxy.call()) {
            first.get("/version", "");
            second.get("/version", "");
            assertThat(first.readAnswer()).startsWith("HTTP/1.1 200 OK\r\n").contains("gitVersion");
            assertThat(second.readAnswer()).startsWith("HTTP/1.1 200 OK\r\n").contains("gitVersion");
            assertThat(server.executed())
                    .hasSize(2)
                    .allSatisfy(each -> assertThat(each.head().protocol()).isEqualTo("HTTP/2"));
            assertThat(server.replica(0).connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void aConnectionMadeForASecondTryDoesNotStayBesideTheFirst() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = before(server).using(server.issue());
                RawCaller caller = proxy.call()) {
            // Given
            caller.get("/version", "").readAnswer();
            server.replica(0).fault(new Fault.Cut(Moment.BEFORE_HEAD, Manner.ABORT), 1);

            // When
            assertThat(caller.get("/version", "").readAnswer()).contains("retries=1");

            // Then
            assertThat(server.replica(0).connectionCount()).isEqualTo(2);
            await().until(() -> server.replica(0).openConnections() == 1);
        }
    }

    /** Both need a new connection, and only one may be there. */
    @Test
    void twoRequestsWhoseConnectionEndsShareTheNext() throws Exception {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(
                                server, directory, new SettingsDraft().http2(Http2Mode.AUTO), new ProxyCapacity(10, 1))
                        .using(server.issue());
                RawCaller first = proxy.call();
                RawCaller second = proxy.call()) {
            // Given
            first.get("/version", "").readAnswer();
            server.replica(0).fault(new Fault.HeldCheck(new CompletableFuture<>()), 2);
            first.get("/version", "");
            second.get("/version", "");
            await().until(() -> server.replica(0).requestCount() == 3);

            // When
            server.replica(0).resetConnections();

            // Then
            assertThat(first.readAnswer()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(second.readAnswer()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(server.replica(0).connectionCount()).isEqualTo(2);
        }
    }

    @Test
    void bodiesGoBothWays() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = before(server).using(server.issue());
                RawCaller caller = proxy.call()) {
            server.fillBigList(3_000_000);
            String object =
                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"one\"},\"data\":{\"x\":\""
                            + "y".repeat(300_000) + "\"}}";
            caller.send("POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                    + object.length() + "\r\n\r\n" + object);
            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 201 Created\r\n");
            caller.get("/api/v1/namespaces/big/configmaps", "");
            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 OK\r\n").hasSizeGreaterThan(2_000_000);
            caller.send("HEAD /version HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(caller.readHead()).startsWith("HTTP/1.1 200 OK\r\n");
            caller.get("/version", "");
            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @Test
    void anUpgradeTakesAConnectionOfItsOwn() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = before(server).using(server.issue());
                RawCaller caller = proxy.call()) {
            caller.get("/version", "");
            caller.readAnswer();
            caller.send(TunnelTest.SPDY);
            assertThat(caller.readHead()).startsWith("HTTP/1.1 101 ");
            caller.send("hello");
            assertThat(caller.read(5)).isEqualTo("hello");
        }
    }

    @Test
    void aReplicaThatIsBehindIsLeftForAnother() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder()
                        .offsets(Duration.ofMinutes(-3), Duration.ZERO)
                        .selection(ReplicaSelection.order(0, 1))
                        .start();
                RunningProxy proxy = before(server).using(server.issue(1, TokenSpec.unextended()));
                RawCaller caller = proxy.call()) {
            caller.get("/version", "");
            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 OK\r\n").contains("held=0.000;retries=1");
        }
    }

    @Test
    void theOnlyReplicaIsWaitedFor() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = before(server);
                RawCaller caller = proxy.call()) {
            Instant from = Instant.ofEpochSecond(Instant.now().getEpochSecond() + 60);
            server.replica(0).clock().offset(Duration.between(Instant.now(), from.minusSeconds(64)));
            proxy.using(server.issue(TokenSpec.unextended().issuedAt(from)));
            caller.get("/version", "");
            assertThat(caller.readAnswer())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .containsPattern("token-guardian: held=(?!0\\.000)"); // how long depends on the machine too
        }
    }

    @Test
    void goAwayLosesNothing() throws Exception {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = before(server).using(server.issue());
                Callers callers = new Callers(8)) {
            server.goAwayChance(0.3);
            assertThat(callers.run(800, n -> Callers.get(proxy.uri("/version"))))
                    .hasSize(800)
                    .containsOnly(200);
            assertThat(server.executed()).hasSize(800);
        }
    }

    /** A reset may overtake what was sent before it; the other ways of ending leave it readable. */
    @ParameterizedTest
    @EnumSource(Manner.class)
    void aStreamThatBreaksInItsBodyIsNoCleanEnd(Manner manner) throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = before(server).using(server.issue());
                RawCaller caller = proxy.call()) {
            server.fillBigList(300_000);
            server.fault(new Fault.Cut(Moment.IN_BODY, manner));
            caller.get("/api/v1/namespaces/big/configmaps", "");
            String head = caller.readHead();
            assertThat(head).startsWith("HTTP/1.1 200 OK\r\n");
            int length = Integer.parseInt(head.replaceAll("(?is).*\r\ncontent-length: (\\d+)\r\n.*", "$1"));
            assertThat(caller.readAll().length()).isBetween(manner == Manner.RESET ? 0 : 1, length - 1);
            assertThat(server.executed()).hasSize(1);
        }
    }

    @Test
    void aStreamOfUnknownLengthThatBreaksHasNoLastChunk() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = before(server).using(server.issue());
                RawCaller caller = proxy.call()) {
            caller.get("/api/v1/namespaces/default/configmaps?watch=true", "");
            assertThat(caller.readHead()).containsIgnoringCase("transfer-encoding: chunked");
            server.replica(0).resetConnections();
            assertThat(caller.readAll()).doesNotEndWith("0\r\n\r\n");
        }
    }

    @Test
    void aCallerThatLeavesEndsItsStreamAlone() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = before(server).using(server.issue())) {
            try (RawCaller caller = proxy.call()) {
                caller.get("/api/v1/namespaces/default/configmaps?watch=true", "");
                caller.readHead();
            }
            try (RawCaller caller = proxy.call()) {
                caller.get("/version", "");
                assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 OK\r\n");
            }
            await().until(() -> server.replica(0).openConnections() == 1);
            assertThat(server.replica(0).connectionCount()).isEqualTo(1);
        }
    }
}
