package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.proxy.ProxySettings.Keepalive;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An API server that vanishes without FIN, RST or response. Here the keepalive takes 3 s, not 90. */
@Tag("root")
@Tag("slow")
class VanishedPeerTest {
    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));
    private static final Keepalive KEEPALIVE = new Keepalive(Duration.ofSeconds(1), Duration.ofSeconds(1), 2);

    private static PeerNetwork network;
    private static RemoteServer server;

    @AutoClose
    private RunningProxy proxy;

    @BeforeAll
    static void startServer() throws Exception {
        network = PeerNetwork.make();
        server = RemoteServer.start(network);
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
        if (network != null) {
            network.close();
        }
    }

    @BeforeEach
    void startProxy() throws Exception {
        network.restore();
        proxy = proxy(new SettingsDraft().keepalive(KEEPALIVE));
    }

    private static RunningProxy proxy(SettingsDraft draft) throws IOException {
        return new RunningProxy(server.address(), server.authority(), draft.settings(), 1).using(TOKEN);
    }

    private RawCaller watch() throws IOException {
        RawCaller caller = proxy.call().get("/watch", "");
        assertThat(caller.readTo("event\r\n")).startsWith("HTTP/1.1 200 OK\r\n").endsWith("5\r\nevent\r\n");
        return caller;
    }

    private static void awaitConnections(RunningProxy proxy, long open) {
        await().until(() -> proxy.proxy().counters().upstreamConnections() == open);
    }

    @Test
    void aWatchIsCutAfterTheServerHasIgnoredTheKeepalives() throws Exception {
        try (RawCaller caller = watch()) {
            // When
            network.cut();

            // Then
            // No last chunk: a client sees a broken watch, and begins a new watch.
            assertThat(caller.readAll()).isEmpty();
            awaitConnections(proxy, 0);
        }
    }

    @Test
    void aNewRequestGets504WithinTheConnectTimeout() throws Exception {
        // Given
        network.cut();

        // When
        try (RunningProxy impatient = proxy(new SettingsDraft().connectTimeout(Duration.ofSeconds(1)));
                RawCaller caller = impatient.call().get("/", "")) {
            String answer = caller.readAnswer();

            // Then
            assertThat(answer).startsWith("HTTP/1.1 504 Gateway Timeout\r\n").contains("within 1 s");
            awaitConnections(impatient, 0);
        }
    }

    @Test
    void requestsUseOneConnectionAfterTheServersReturn() throws Exception {
        // Given
        try (RawCaller watching = watch()) {
            network.cut();
            watching.readAll();
        }

        // When
        network.restore();

        // Then
        try (RawCaller caller = proxy.call().get("/", "")) {
            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("here");
        }
        awaitConnections(proxy, 1);
    }
}
