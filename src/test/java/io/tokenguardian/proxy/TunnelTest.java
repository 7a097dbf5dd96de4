package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.StandInApiServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelTest {

    private static final String EXEC = "/api/v1/namespaces/default/pods/demo/exec?command=sh";
    static final String SPDY = "POST " + EXEC + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            + "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\nContent-Length: 0\r\n\r\n";
    private static final String WEB_SOCKET = "GET " + EXEC + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {SPDY, WEB_SOCKET})
    void aTunnelRelaysBothDirectionsAndTheirEnds(String request) throws IOException {
        // Given
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            // When
            caller.send(request);
            String head = caller.readHead();
            caller.send("hello");
            String echo = caller.read(5);
            caller.send("last").endOutput();

            // Then
            assertThat(head)
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                    .containsIgnoringCase("connection: upgrade\r\n");
            assertThat(echo).isEqualTo("hello");
            assertThat(caller.readAll()).isEqualTo("last");
            await().until(() -> server.replica(0).openConnections() == 0);
        }
    }

    @Test
    void aRefusedUpgradeGetsTheWholeResponse() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            server.refuseUpgrades(403, "no exec for you");
            caller.send(SPDY);
            assertThat(caller.readAnswer())
                    .startsWith("HTTP/1.1 403 Forbidden\r\n")
                    .contains("no exec for you")
                    .endsWith("}\n");
            assertThat(caller.send(SPDY).readAnswer()).startsWith("HTTP/1.1 403 Forbidden\r\n");
        }
    }

    @Test
    void anUpgradeIsHeldLikeAnyRequest() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory);
                RawCaller caller = proxy.call()) {
            caller.send(SPDY);
            await().until(() -> proxy.counters().heldNow() == 1);
            proxy.using(server.issue());
            assertThat(caller.readHead()).startsWith("HTTP/1.1 101 ").contains("token-guardian: held=");
            caller.send("hello");
            assertThat(caller.read(5)).isEqualTo("hello");
        }
    }

    @Test
    void megabytesPassWithoutLoss() throws Exception {
        // Given more bytes than all buffers between the two hold
        String block = "0123456789abcdef".repeat(4096);
        int blocks = 400;
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            caller.send(SPDY);
            caller.readHead();

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
    }

    @Test
    void theEndOfTheServerIsTheEndOfTheTunnel() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            caller.send(SPDY);
            caller.readHead();
            server.replica(0).closeConnections();
            assertThat(caller.readAll()).isEmpty();
        }
    }

    @Test
    void theEndOfTheCallerIsTheEndOfTheTunnel() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue())) {
            try (RawCaller caller = proxy.call()) {
                caller.send(SPDY);
                caller.readHead();
            }
            await().until(() -> server.replica(0).openConnections() == 0);
        }
    }

    @Test
    void bytesInTheSameRecordAsThe101BelongToTheTunnel() throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    connection.readHead();
                    connection.write(
                            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n"
                                    + "first");
                    connection.write("second");
                    connection.awaitRelease();
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            caller.send(SPDY);
            assertThat(caller.readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(caller.read("firstsecond".length())).isEqualTo("firstsecond");
        }
    }

    @Test
    void bytesAfterTheUpgradeRequestBelongToTheTunnel() throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    connection.readHead();
                    connection.write(
                            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
                    connection.write(connection.read("early and late".length()));
                    connection.awaitRelease();
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            caller.send(SPDY + "early ");
            assertThat(caller.readHead()).startsWith("HTTP/1.1 101 ");
            caller.send("and late");
            assertThat(caller.read("early and late".length())).isEqualTo("early and late");
        }
    }

    @Test
    void theRequestAfterARefusedUpgradeHasAnotherConnection() throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.answer("403 Forbidden", "connection " + connection.number());
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            caller.send(SPDY + "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            String refusal = caller.readAnswer();
            assertThat(refusal).contains("connection ");
            assertThat(caller.readAnswer())
                    .startsWith("HTTP/1.1 403 Forbidden\r\n")
                    .isNotEqualTo(refusal);
        }
    }

    @Test
    void aTunnelContinuesWhileTheProxyDrains() throws Exception {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            // Given
            caller.send(SPDY);
            caller.readHead();

            // When
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> proxy.drain(Duration.ofMinutes(1)));
            await().until(proxy::isDraining);
            caller.send("hello");

            // Then
            assertThat(caller.read(5)).isEqualTo("hello");
            caller.endOutput();
            assertThat(caller.readAll()).isEmpty();
            drained.join();
        }
    }

    @Test
    void aTunnelEndsWhenTheDrainTimesOut() throws Exception {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            caller.send(SPDY);
            caller.readHead();
            proxy.drain(Duration.ofMillis(1));
            assertThat(caller.readAll()).isEmpty();
        }
    }
}
