package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.HangDetector;
import io.tokenguardian.proxy.caller.CallerHandler;
import io.tokenguardian.proxy.caller.InClusterTls;
import io.tokenguardian.proxy.caller.LoopCallers;
import io.tokenguardian.proxy.upstream.UpstreamPool;
import io.tokenguardian.proxy.upstream.UpstreamPools;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Isolated("the level of a logger is everybody's")
class InClusterListenerTest extends ScriptedProxyTest {
    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    /** The limit in {@code CallerSslHandler}. */
    private static final int MOST_HANDSHAKES = 100;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws IOException {
        start(ScriptedServer.always("200 OK", "good"), this::inCluster).using(TOKEN);
    }

    private SettingsDraft inCluster(SettingsDraft draft) {
        return draft.inCluster(directory.resolve("in-cluster"));
    }

    private InClusterTls tls() throws IOException {
        return InClusterTls.open(RunningProxy.ANY_PORT, directory.resolve("in-cluster"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void severalRequestsGoOverOneConnection(String version) throws IOException {
        try (RawCaller caller = new RawCaller(InClusterCallers.connect(proxy, version))) {
            assertThat(caller.get("/api", "").readAnswer())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith("good");
            assertThat(caller.get("/apis", "").readAnswer())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith("good");
            assertThat(server.requests()).allMatch(head -> head.contains("uthorization: Bearer " + TOKEN.bearer()));
        }
    }

    @Test
    void anUpgradeRelaysBothDirectionsAndTheirEnds() throws IOException {
        // Given
        try (StandInApiServer echoing = StandInApiServer.builder().start();
                RunningProxy before = StandIns.before(
                                echoing, directory, new SettingsDraft().inCluster(directory.resolve("in-cluster")))
                        .using(echoing.issue());
                RawCaller caller = InClusterCallers.call(before)) {
            // When
            caller.send(TunnelTest.SPDY);
            String head = caller.readHead();
            caller.send("hello");
            String echo = caller.read(5);
            caller.send("last").endOutput();

            // Then
            assertThat(head).startsWith("HTTP/1.1 101 Switching Protocols\r\n");
            assertThat(echo).isEqualTo("hello");
            assertThat(caller.readAll()).isEqualTo("last");
            await().until(() -> echoing.replica(0).openConnections() == 0);
        }
    }

    @Test
    void megabytesReachACallerThatReadsLate() throws IOException {
        String body = "0123456789abcdef".repeat(1 << 18);
        try (ScriptedServer large = ScriptedServer.answering("200 OK", body);
                RunningProxy before =
                        RunningProxy.before(large, this::inCluster).using(TOKEN);
                RawCaller caller = InClusterCallers.call(before)) {
            assertThat(caller.get("/api", "").readAnswer().endsWith(body)).isTrue();
        }
    }

    /** A handshake on an open connection is a renegotiation in TLS 1.2, and a key update in TLS 1.3. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aCallerMayRenegotiateOrUpdateItsKeysOnce(String version) throws IOException {
        try (SSLSocket socket = InClusterCallers.connect(proxy, version);
                RawCaller caller = new RawCaller(socket)) {
            socket.startHandshake();

            assertThat(caller.get("/api", "").readAnswer()).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aCallerThatRenegotiatesEndlesslyIsClosed(String version) throws IOException {
        try (SSLSocket socket = InClusterCallers.connect(proxy, version);
                RawCaller caller = new RawCaller(socket)) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i <= MOST_HANDSHAKES; i++) {
                            socket.startHandshake();
                            caller.get("/api", "").readAnswer();
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aClientThatOffersHttp2AndHttp1GetsHttp1() throws IOException {
        try (SSLSocket socket = InClusterCallers.connect(proxy, "TLSv1.3", "h2", "http/1.1")) {
            assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
        }
    }

    /** RFC 7301, section 3.2, defines this alert. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientThatOffersOnlyHttp2GetsNoApplicationProtocol(String version) throws IOException {
        assertThatThrownBy(() -> InClusterCallers.connect(proxy, version, "h2").close())
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("no_application_protocol");
    }

    @Test
    void tls11IsRefused() throws IOException {
        String hello = "\u0003\u0002" + "r".repeat(32) + "\0\0\u0002\u00c0\u0009\u0001\0"; // ECDHE_ECDSA, AES, SHA
        String handshake = "\u0001\0\0" + (char) hello.length() + hello;
        try (RawCaller caller = new RawCaller(proxy.addresses().get(1))) {
            caller.send("\u0016\u0003\u0001\0" + (char) handshake.length() + handshake);

            assertThat(caller.readAll()).matches("(?s)\u0015\u0003.\0\u0002\u0002F"); // fatal, protocol_version
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:6443",
                "[::1]:6443",
                "[::1]",
                "localhost",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc:443",
                "Kubernetes.Default.svc.:443",
                "kubernetes.default.svc.cluster.local"
            })
    void theListenersOwnNamesPassTheHostRule(String host) throws IOException {
        try (RawCaller caller = InClusterCallers.call(proxy)) {
            caller.send("GET /api HTTP/1.1\r\nHost: " + host + "\r\n\r\n");

            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kubernetes.default.svc.example.com", "evil.example", "10.96.0.1", "xkubernetes"})
    void anotherNameDoesNotPassTheHostRule(String host) throws IOException {
        try (RawCaller caller = InClusterCallers.call(proxy)) {
            caller.send("GET /api HTTP/1.1\r\nHost: " + host + "\r\n\r\n");

            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void theServicesNameIsNotAcceptedOnThePlainListener() throws IOException {
        try (RawCaller caller = proxy.call()) {
            caller.send("GET /api HTTP/1.1\r\nHost: kubernetes.default.svc\r\n\r\n");

            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void theListenersOwnAddressIsInTheCertificateToo() throws IOException {
        InetSocketAddress listen = new InetSocketAddress(InetAddress.getByName("fd00:0::5"), 0);

        InClusterTls tls = InClusterTls.open(listen, directory);

        assertThat(tls.hosts()).hasSize(8).contains("fd00::5");
    }

    @Test
    void plainHttpIsClosedWithOneLineAtDebug() throws IOException {
        assertThat(linesOf("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .singleElement()
                .asString()
                .matches("DEBUG connection=\\S+ event=failed cause=NotSslRecordException");
    }

    @Test
    void brokenTlsIsClosedWithOneLineAtDebug() throws IOException {
        assertThat(linesOf("\u0016\u0003\u0001\0\u0004\u0001\0\0\0"))
                .singleElement()
                .asString()
                .startsWith("DEBUG connection=");
    }

    private List<String> linesOf(String sent) throws IOException {
        Logger logger = Logger.getLogger("io.tokenguardian.proxy");
        Level before = logger.getLevel();
        logger.setLevel(Level.FINE);
        try (LogRecords log = LogRecords.of("io.tokenguardian.proxy", Level.ALL);
                RawCaller caller = new RawCaller(proxy.addresses().get(1))) {
            caller.send(sent).readAll();
            this.caller.close(); // the only other caller
            await().until(() -> proxy.proxy().callers().size() == 0);
            return List.copyOf(log.lines());
        } finally {
            logger.setLevel(before);
        }
    }

    @Test
    void aCallerThatNeverShakesHandsIsClosedAfterTenSeconds() throws IOException {
        EmbeddedChannel silent = new EmbeddedChannel();
        silent.freezeTime();
        tls().install(silent);

        silent.advanceTimeBy(InClusterTls.HANDSHAKE_TIMEOUT.toMillis() - 1, TimeUnit.MILLISECONDS);
        silent.runScheduledPendingTasks();
        assertThat(silent.isOpen()).isTrue();

        silent.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        silent.runScheduledPendingTasks();
        assertThat(silent.isOpen()).isFalse();
    }

    @Test
    void aShutdownDoesNotWaitForAHandshake() throws IOException {
        // Given
        EmbeddedChannel silent = new EmbeddedChannel();
        tls().install(silent);
        UpstreamPool upstreams = UpstreamPools.on(silent.eventLoop(), System::nanoTime);
        LoopCallers loop = new LoopCallers(UpstreamPools.stateOf(upstreams));
        new CallerHandler(proxy.proxy().context(), loop, silent).install();

        // When
        loop.drain();

        // Then
        assertThat(silent.isOpen()).isFalse();
        silent.releaseOutbound();
    }

    @Test
    void aShutdownClosesAnIdleCallerWithCloseNotify() throws IOException {
        try (RawCaller caller = InClusterCallers.call(proxy)) {
            caller.get("/api", "").readAnswer();

            proxy.drain(HangDetector.TIMEOUT);

            assertThat(caller.readAll()).isEmpty(); // without close_notify an SSLSocket fails
        }
    }

    @Test
    void theLastResponseOfAConnectionEndsWithCloseNotify() throws IOException {
        try (RawCaller caller = InClusterCallers.call(proxy)) {
            assertThat(caller.get("/api", "Connection: close\r\n").readAll()).endsWith("good");
        }
    }

    /** Because of its unread bytes, an immediate close would be a reset, which may overtake the response. */
    @Test
    void theLastResponseArrivesDespiteUnreadBytes() throws IOException {
        try (RawCaller caller = InClusterCallers.call(proxy)) {
            caller.send("GET /api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\nGET /more HTTP/1.1\r\n\r\n");

            assertThat(caller.readAll()).endsWith("good");
        }
    }

    @Test
    void aCloseNotifyEndsAnIdleConnection() throws IOException {
        try (RawCaller caller = InClusterCallers.call(proxy)) {
            caller.get("/api", "").readAnswer();

            caller.endOutput();

            assertThat(caller.readAll()).isEmpty();
        }
    }

    /** Returns a proxy for one caller that uses TLS and one that does not. */
    private RunningProxy small() throws IOException {
        return RunningProxy.before(server, draft -> draft.inCluster(directory).capacity(2, 1))
                .using(TOKEN);
    }

    @Test
    void aSilentCallerMakesRoomForTheNextCaller() throws IOException {
        try (RunningProxy small = small();
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), small.inClusterPort());
                RawCaller next = InClusterCallers.call(small)) {
            assertThat(next.get("/api", "").readAnswer()).endsWith("good");
            assertThat(silent.getInputStream().readAllBytes()).hasSizeLessThan(100); // at most an alert
        }
    }

    @Test
    void aTlsCallerAboveTheLimitTakesThePlaceOfAnotherTlsCaller() throws IOException {
        try (RunningProxy small = small();
                RawCaller plain = small.call().get("/api", "");
                RawCaller first = InClusterCallers.call(small)) {
            plain.readAnswer();
            first.get("/api", "").readAnswer();

            try (RawCaller second = InClusterCallers.call(small)) {
                assertThat(second.get("/api", "").readAnswer()).endsWith("good");
                assertThat(first.readAll()).isEmpty();
                assertThat(plain.get("/api", "").readAnswer()).endsWith("good");
            }
        }
    }

    @Test
    void theAuthorityIsTheSameAfterARestart() throws IOException {
        proxy.close();
        try (RunningProxy restarted = RunningProxy.before(server, this::inCluster)) {
            assertThat(restarted.proxy().inClusterCa()).isEqualTo(proxy.proxy().inClusterCa());
        }
    }

    @Test
    void aPortInUseIsAnErrorThatNamesItsSetting() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ProxySettings.InCluster inCluster = new ProxySettings.InCluster(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort()), directory);
            assertThatThrownBy(() -> RunningProxy.before(server, draft -> draft.inCluster(inCluster))
                            .close())
                    .hasMessageStartingWith("guardian.proxy.host or guardian.in-cluster.port: can't listen on ");
        }
    }
}
