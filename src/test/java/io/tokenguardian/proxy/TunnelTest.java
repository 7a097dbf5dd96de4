package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunnelTest {

    private static final String EXEC = "/api/v1/namespaces/default/pods/demo/exec?command=sh";
    static final String SPDY = "POST " + EXEC + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            + "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\nContent-Length: 0\r\n\r\n";

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    @AutoClose
    private RunningProxy proxy;

    @AutoClose
    private RawCaller caller;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().start();
        proxy = StandIns.before(server, directory, withoutHedges()).using(server.issue());
        caller = proxy.call();
    }

    /** Otherwise, a slow machine leaves a second connection open. */
    private static SettingsDraft withoutHedges() {
        return new SettingsDraft().nanoTime(() -> 0);
    }

    private void openTunnel() throws IOException {
        assertThat(caller.send(SPDY).readHead())
                .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                .containsIgnoringCase("connection: upgrade\r\n");
    }

    @Test
    void aTunnelRelaysBothDirectionsAndTheirEnds() throws IOException {
        // Given
        openTunnel();

        // When
        caller.send("hello");
        String echo = caller.read(5);
        caller.send("last").endOutput();

        // Then
        assertThat(echo).isEqualTo("hello");
        assertThat(caller.readAll()).isEqualTo("last");
        await().until(() -> server.replica(0).openConnections() == 0);
    }

    @Test
    void anUpgradeIsHeldLikeAnyRequest() throws IOException {
        // Given
        proxy.using((Token) null);
        caller.send(SPDY);
        await().until(() -> proxy.counters().heldNow() == 1);

        // When
        proxy.using(server.issue());

        // Then
        assertThat(caller.readHead()).startsWith("HTTP/1.1 101 ").contains("token-guardian: held=");
        assertThat(caller.send("hello").read(5)).isEqualTo("hello");
    }

    @Test
    void megabytesPassWithoutLoss() throws Exception {
        // Given more bytes than all buffers between the two hold
        String block = "0123456789abcdef".repeat(4096);
        int blocks = 400;
        openTunnel();

        // When the caller writes all bytes before it reads the echo
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < blocks; i++) {
                    caller.send(block);
                }
                caller.endOutput();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        // Then
        for (int i = 0; i < blocks; i++) {
            assertThat(caller.read(block.length()).equals(block)).isTrue();
        }
        assertThat(caller.readAll()).isEmpty();
        written.join();
    }

    @Test
    void theEndOfTheServerIsTheEndOfTheTunnel() throws IOException {
        openTunnel();
        server.replica(0).closeConnections();
        assertThat(caller.readAll()).isEmpty();
    }

    @Test
    void theEndOfTheCallerIsTheEndOfTheTunnel() throws IOException {
        openTunnel();
        caller.close();
        await().until(() -> server.replica(0).openConnections() == 0);
    }

    @Test
    void besideManyTunnelsAnotherGetsRetryAfter() throws IOException {
        try (RunningProxy small = StandIns.before(
                                server, directory, withoutHedges().capacity(10, 2))
                        .using(server.issue());
                RawCaller first = small.call();
                RawCaller second = small.call()) {
            assertThat(first.send(SPDY).readHead()).startsWith("HTTP/1.1 101 ");

            assertThat(second.send(SPDY).readAnswer())
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("retry-after: 1");
        }
    }

    @Test
    void theEndOfATunnelMakesRoomForAnother() throws IOException {
        try (RunningProxy small = StandIns.before(
                        server, directory, withoutHedges().capacity(10, 2))
                .using(server.issue())) {
            try (RawCaller first = small.call()) {
                assertThat(first.send(SPDY).readHead()).startsWith("HTTP/1.1 101 ");
            }
            await().until(() -> server.replica(0).openConnections() == 0);

            try (RawCaller second = small.call()) {
                assertThat(second.send(SPDY).readHead()).startsWith("HTTP/1.1 101 ");
            }
        }
    }

    @Test
    void theRequestAfterARefusedUpgradeHasAnotherConnection() throws IOException {
        try (ScriptedServer refusing = new ScriptedServer(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.answer("403 Forbidden", "connection " + connection.number());
                    }
                });
                RunningProxy before = RunningProxy.before(refusing).using(Tokens.issuedAt(Instant.now()));
                RawCaller refused = before.call()) {
            refused.send(SPDY + "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            String refusal = refused.readAnswer();
            assertThat(refusal).contains("connection ");
            assertThat(refused.readAnswer())
                    .startsWith("HTTP/1.1 403 Forbidden\r\n")
                    .isNotEqualTo(refusal);
        }
    }

    @Test
    void aTunnelContinuesWhileTheProxyDrains() throws Exception {
        // Given
        openTunnel();

        // When
        CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> proxy.drain(Duration.ofMinutes(1)));
        await().until(proxy::isDraining);

        // Then
        assertThat(caller.send("hello").read(5)).isEqualTo("hello");
        caller.endOutput();
        assertThat(caller.readAll()).isEmpty();
        drained.join();
    }

    @Test
    void aTunnelEndsWhenTheDrainTimesOut() throws Exception {
        openTunnel();
        proxy.drain(Duration.ofMillis(1));
        assertThat(caller.readAll()).isEmpty();
    }
}
