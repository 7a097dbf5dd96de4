package io.tokenguardian.apiserver;

import static io.tokenguardian.apiserver.ScriptedServer.SILENCE;
import static io.tokenguardian.apiserver.ScriptedServer.json;
import static io.tokenguardian.apiserver.ScriptedServer.stay;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.tokenguardian.HangDetector;
import io.tokenguardian.apiserver.ScriptedServer.Act;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpsProbeConnectionFaultTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("test");
    private static final TestAuthority.Identity IDENTITY = AUTHORITY.issue("127.0.0.1");
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private static final Duration SHORT = Duration.ofMillis(200);

    @RegisterExtension
    static final Prober PROBER = new Prober();

    private final Path ca = AUTHORITY.file();

    @Test
    void aPortWithoutAListenerIsReported() throws IOException {
        int port;
        try (ServerSocket once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = once.getLocalPort();
        }
        ApiServerAddress address = new ApiServerAddress("127.0.0.1", port, "127.0.0.1");

        ProbeResult answer = PROBER.probe(PROBER.apiServer(address, ca));

        assertThat(explanation(answer)).isEqualTo("no connection to " + address + ": refused, nothing listens there");
        assertThat(answer.certificate()).isNull();
    }

    @Test
    void aHostThatDoesNotAcceptTheConnectionIsReported() throws IOException {
        List<SocketChannel> queued = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 8; i++) { // Linux drops packets after the accept queue is full
                SocketChannel channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort()));
                queued.add(channel);
            }
            ApiServerAddress address = new ApiServerAddress("127.0.0.1", full.getLocalPort(), "127.0.0.1");
            Timeouts timeouts = new Timeouts(SHORT, HangDetector.TIMEOUT);

            ProbeResult answer = PROBER.probe(PROBER.apiServer(address, ca, InstantSource.system(), timeouts));

            // The explanation does not count the time that a busy machine took before the attempt.
            assertThat(explanation(answer)).startsWith("no connection to " + address + " within 0");
        } finally {
            for (SocketChannel channel : queued) {
                channel.close();
            }
        }
    }

    @Test
    void anUnknownNameIsReported() {
        ApiServerAddress address = ApiServerAddress.parse("https://api.invalid", null); // RFC 6761: never a name

        ProbeResult answer = PROBER.probe(PROBER.apiServer(address, ca));

        assertThat(explanation(answer)).isEqualTo("the name api.invalid can't be resolved to an address");
    }

    @Test
    void aCertificateOfAnUnknownAuthorityIsReported() throws Exception {
        Files.writeString(ca, new TestAuthority("other").pem());
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> json("200 OK", "{}"))) {
            ProbeResult answer = probe(server);

            assertThat(explanation(answer))
                    .isEqualTo("the certificate of %s is signed by an authority that is not in %s"
                            .formatted(Prober.at(server), ca));
            assertThat(server.requests()).isEmpty();
            assertThat(answer.certificate()).isNull();
        }
    }

    @Test
    void aCertificateOfAnUnknownAuthorityOfTheSameNameIsReported() throws Exception {
        Files.writeString(ca, new TestAuthority("test").pem());
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> json("200 OK", "{}"))) {
            assertThat(explanation(probe(server)))
                    .isEqualTo("the certificate of %s is signed by an authority that is not in %s"
                            .formatted(Prober.at(server), ca));
        }
    }

    @Test
    void anExpiredCertificateIsReported() {
        Instant end = now.minusSeconds(60);
        TestAuthority.Identity expired =
                AUTHORITY.issue(end.minusSeconds(60), end, KeyPurposeId.id_kp_serverAuth, "127.0.0.1");
        try (ScriptedServer server = ScriptedServer.tls(expired, request -> json("200 OK", "{}"))) {
            assertThat(explanation(probe(server)))
                    .startsWith("the certificate of %s expired at %s, but this node's clock shows 20"
                            .formatted(Prober.at(server), end))
                    .endsWith("Z: one of the two is wrong");
        }
    }

    @Test
    void aCertificateThatIsNotYetValidIsReported() {
        Instant start = now.plusSeconds(3600);
        TestAuthority.Identity early =
                AUTHORITY.issue(start, start.plusSeconds(60), KeyPurposeId.id_kp_serverAuth, "127.0.0.1");
        try (ScriptedServer server = ScriptedServer.tls(early, request -> json("200 OK", "{}"))) {
            assertThat(explanation(probe(server)))
                    .startsWith("the certificate of %s is valid only from %s, but this node's clock shows 20"
                            .formatted(Prober.at(server), start))
                    .endsWith("Z: one of the two is wrong");
        }
    }

    @Test
    void aCertificateForOtherNamesIsReported() {
        TestAuthority.Identity other = AUTHORITY.issue("kubernetes", "10.96.0.1");
        try (ScriptedServer server = ScriptedServer.tls(other, request -> json("200 OK", "{}"))) {
            assertThat(explanation(probe(server)))
                    .isEqualTo("the certificate of %s is for kubernetes, 10.96.0.1, not for 127.0.0.1"
                            .formatted(Prober.at(server)));
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void aCertificateWithoutNamesIsReported() {
        TestAuthority.Identity nameless = AUTHORITY.issue();
        try (ScriptedServer server = ScriptedServer.tls(nameless, request -> json("200 OK", "{}"))) {
            assertThat(explanation(probe(server)))
                    .isEqualTo("the certificate of %s is for no name at all, not for 127.0.0.1"
                            .formatted(Prober.at(server)));
        }
    }

    @Test
    void aClientCertificateIsReported() {
        TestAuthority.Identity client = AUTHORITY.issue(
                now.minusSeconds(60), now.plusSeconds(3600), KeyPurposeId.id_kp_clientAuth, "127.0.0.1");
        try (ScriptedServer server = ScriptedServer.tls(client, request -> json("200 OK", "{}"))) {
            assertThat(explanation(probe(server)))
                    .isEqualTo("the certificate of %s is not usable for a server".formatted(Prober.at(server)));
        }
    }

    @Test
    void aMissingCertificateAuthorityIsReported() throws IOException {
        Files.delete(ca);
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> json("200 OK", "{}"))) {
            assertThat(explanation(probe(server))).isEqualTo("the CA file " + ca + " does not exist");
        }
    }

    @Test
    void aServerWithOnlyAnOldTlsVersionIsReported() {
        try (ScriptedServer server = ScriptedServer.plain(
                request -> stay("\u0015\u0003\u0003\u0000\u0002\u0002F"))) { // alert 70: protocol_version
            assertThat(explanation(probe(server))).isEqualTo(Prober.at(server) + " refused TLS: protocol_version");
        }
    }

    @Test
    void aServerThatSpeaksPlainHttpIsReported() {
        try (ScriptedServer server =
                ScriptedServer.plain(request -> new Act("HTTP/1.1 400 Bad Request\r\n\r\n", Act.After.CLOSE))) {
            assertThat(explanation(probe(server))).isEqualTo(Prober.at(server) + " answered in plain HTTP, not TLS");
        }
    }

    @Test
    void aServerThatSpeaksAnotherProtocolIsReported() {
        try (ScriptedServer server = ScriptedServer.plain(request -> stay("SSH-2.0-OpenSSH_9.6\r\n"))) {
            assertThat(explanation(probe(server)))
                    .isEqualTo(Prober.at(server) + " answered in something that is not TLS");
        }
    }

    @Test
    void aServerThatNeverEndsTheHandshakeIsReported() {
        try (ScriptedServer server = ScriptedServer.plain(request -> SILENCE)) {
            ProbeResult answer = PROBER.probe(PROBER.apiServer(
                    Prober.at(server), ca, InstantSource.system(), new Timeouts(SHORT, HangDetector.TIMEOUT)));

            assertThat(explanation(answer))
                    .isEqualTo(Prober.at(server) + " accepted the connection, but did not complete the TLS"
                            + " handshake within 0.2 s");
        }
    }

    @Test
    void aConnectionClosedDuringTheHandshakeIsReported() {
        try (ScriptedServer server = ScriptedServer.plain(request -> new Act("", Act.After.CLOSE))) {
            assertThat(explanation(probe(server)))
                    .isEqualTo(Prober.at(server) + " closed the connection during the TLS handshake");
        }
    }

    @Test
    void aConnectionResetDuringTheHandshakeIsReported() { // a reset may be reported as a close
        try (ScriptedServer server = ScriptedServer.plain(request -> new Act("", Act.After.RESET))) {
            assertThat(explanation(probe(server)))
                    .isEqualTo(Prober.at(server) + " closed the connection during the TLS handshake");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 401 Unauth", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\nshort"})
    void aConnectionClosedDuringTheResponseIsReported(String start) {
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> new Act(start, Act.After.CLOSE))) {
            ProbeResult answer = probe(server);

            assertThat(explanation(answer)).isEqualTo(Prober.at(server) + " closed the connection before it answered");
            assertThat(answer.certificate()).isEqualTo(IDENTITY.fingerprint());
        }
    }

    @Test
    void aConnectionResetBeforeTheResponseIsReported() {
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> new Act("", Act.After.RESET))) {
            assertThat(explanation(probe(server)))
                    .isEqualTo(Prober.at(server) + " closed the connection before it answered");
        }
    }

    @Test
    void closeByAnotherThreadEndsTheHandshake() {
        AtomicReference<ProbeConnection> asked = new AtomicReference<>();
        try (ScriptedServer silent = ScriptedServer.plain(request -> {
                    asked.get().close();
                    return SILENCE;
                });
                ProbeConnection probeConnection =
                        PROBER.apiServer(Prober.at(silent), ca).open()) {
            asked.set(probeConnection);

            ProbeResult answer = probeConnection.probe(PROBER.token()).join();

            assertThat(explanation(answer)).isEqualTo("the connection to " + Prober.at(silent) + " is closed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\nshort"})
    void aResponseThatDoesNotEndInTimeIsReported(String start) {
        Instant accepted = now.plusSeconds(5);
        AtomicReference<Instant> time = new AtomicReference<>(now);
        try (ScriptedServer server =
                ScriptedServer.tls(IDENTITY, request -> stay(start)).onAccept(() -> time.set(accepted))) {
            Timeouts timeouts = new Timeouts(HangDetector.TIMEOUT, SHORT);

            ProbeResult answer = PROBER.probe(PROBER.apiServer(Prober.at(server), ca, time::get, timeouts));

            assertThat(explanation(answer)).isEqualTo(Prober.at(server) + " did not answer within 0.2 s");
            assertThat(answer.sentAt()).isEqualTo(accepted);
        }
    }

    @Test
    void aResponseThatIsNotHttpIsReported() {
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> stay("220 mail ready to serve\r\n\r\n"))) {
            assertThat(explanation(probe(server))).isEqualTo(Prober.at(server) + " did not answer in HTTP/1.1");
        }
    }

    @Test
    void aResponseOfExactlyTheLimitIsAccepted() {
        String largest = " ".repeat(HttpsProbeConnection.USUAL_BODY);
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> json("200 OK", largest))) {
            assertThat(probe(server).outcome()).isEqualTo(new ProbeOutcome.Authenticated(null));
        }
    }

    @Test
    void aResponseAboveTheLimitIsReported() {
        String tooLarge = " ".repeat(HttpsProbeConnection.USUAL_BODY + 1);
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> json("200 OK", tooLarge))) {
            assertThat(explanation(probe(server)))
                    .isEqualTo(Prober.at(server) + " sent a body of more than 64 KiB, or headers of more than 16 KiB");
        }
    }

    @Test
    void headersAboveTheLimitAreReported() {
        String tooLarge = "X: " + "x".repeat(HttpsProbeConnection.MAX_HEAD);
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> json("200 OK", "{}", tooLarge))) {
            assertThat(explanation(probe(server)))
                    .isEqualTo(Prober.at(server) + " sent a body of more than 64 KiB, or headers of more than 16 KiB");
        }
    }

    @Test
    void closeByAnotherThreadEndsTheWait() {
        AtomicReference<ProbeConnection> asked = new AtomicReference<>();
        ScriptedServer.Script script = request -> {
            asked.get().close();
            return SILENCE;
        };
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, script);
                ProbeConnection probeConnection =
                        PROBER.apiServer(Prober.at(server), ca).open()) {
            asked.set(probeConnection);

            ProbeResult answer = probeConnection.probe(PROBER.token()).join();

            assertThat(explanation(answer)).isEqualTo("the connection to " + Prober.at(server) + " is closed");
            assertThat(probeConnection.isOpen()).isFalse();
        }
    }

    private ProbeResult probe(ScriptedServer server) {
        return PROBER.probe(PROBER.apiServer(Prober.at(server), ca));
    }

    private static String explanation(ProbeResult answer) {
        return assertThat(answer.outcome())
                .asInstanceOf(type(ProbeOutcome.Unreachable.class))
                .actual()
                .explanation();
    }
}
