package io.tokenguardian.apiserver;

import static io.tokenguardian.apiserver.ScriptedServer.SILENCE;
import static io.tokenguardian.apiserver.ScriptedServer.json;
import static io.tokenguardian.apiserver.ScriptedServer.stay;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tokenguardian.HangDetector;
import io.tokenguardian.apiserver.ScriptedServer.Act;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpsProbeConnectionFaultTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("test");
    private static final TestAuthority.Identity IDENTITY = AUTHORITY.issue("127.0.0.1");
    private static final Path CA = AUTHORITY.file();
    private static final Duration SHORT = Duration.ofMillis(200);

    @RegisterExtension
    static final Prober PROBER = new Prober();

    /** Each certificate, and the start of the JDK's reason. */
    static Stream<Arguments> certificates() {
        Instant now = Instant.now();
        Instant end = now.minusSeconds(60);
        Instant start = now.plusSeconds(3600);
        KeyPurposeId server = KeyPurposeId.id_kp_serverAuth;
        return Stream.of(
                arguments(AUTHORITY.issue(end.minusSeconds(60), end, server, "127.0.0.1"), "NotAfter: "),
                arguments(AUTHORITY.issue(start, start.plusSeconds(60), server, "127.0.0.1"), "NotBefore: "),
                arguments(
                        AUTHORITY.issue("kubernetes", "10.96.0.1"),
                        "No subject alternative names matching IP address 127.0.0.1 found"),
                arguments(AUTHORITY.issue(), "No subject alternative names present"),
                arguments(
                        AUTHORITY.issue(end, start, KeyPurposeId.id_kp_clientAuth, "127.0.0.1"),
                        "Extended key usage does not permit use for TLS server authentication"),
                arguments(new TestAuthority("other").issue("127.0.0.1"), "unable to find valid certification path"),
                arguments(new TestAuthority("test").issue("127.0.0.1"), "Signature does not match."));
    }

    @ParameterizedTest
    @MethodSource("certificates")
    void aCertificateThatIsNotTrustedIsExplained(TestAuthority.Identity shown, String reason) {
        try (ScriptedServer server = ScriptedServer.tls(shown, request -> json("200 OK", "{}"))) {
            ProbeResult answer = probe(server);

            assertThat(explanation(answer))
                    .startsWith("the certificate of " + Prober.at(server) + " is not trusted with the CA file " + CA
                            + ": " + reason);
            assertThat(server.requests()).isEmpty();
            assertThat(answer.certificate()).isNull();
        }
    }

    @Test
    void aMissingCertificateAuthorityIsReported() {
        Path missing = CA.resolveSibling("missing.crt");
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> json("200 OK", "{}"))) {
            ProbeResult answer = PROBER.probe(PROBER.apiServer(Prober.at(server), missing));

            assertThat(explanation(answer)).isEqualTo("the CA file " + missing + " does not exist");
        }
    }

    static Stream<Arguments> otherProtocols() {
        return Stream.of(
                arguments(
                        stay("\u0015\u0003\u0003\u0000\u0002\u0002F"), // alert 70
                        "failed during the TLS handshake: (protocol_version) Received fatal alert: protocol_version"),
                arguments(
                        new Act("HTTP/1.1 400 Bad Request\r\n\r\n", Act.After.CLOSE),
                        "answered in plain HTTP, not TLS"),
                arguments(stay("SSH-2.0-OpenSSH_9.6\r\n"), "answered in something that is not TLS"));
    }

    @ParameterizedTest
    @MethodSource("otherProtocols")
    void aServerWithoutAUsableTlsVersionIsReported(Act act, String explanation) {
        try (ScriptedServer server = ScriptedServer.plain(request -> act)) {
            assertThat(explanation(probe(server))).endsWith(Prober.at(server) + " " + explanation);
        }
    }

    static Stream<Arguments> responses() {
        String closed = "closed the connection before it answered";
        String tooLarge = "sent a body of more than 2048 KiB, or headers of more than 16 KiB";
        return Stream.of(
                arguments(new Act("", Act.After.CLOSE), closed),
                arguments(new Act("", Act.After.RESET), closed),
                arguments(new Act("HTTP/1.1 401 Unauth", Act.After.CLOSE), closed),
                arguments(new Act(UNFINISHED, Act.After.CLOSE), closed),
                arguments(stay("220 mail ready to serve\r\n\r\n"), "did not answer in HTTP/1.1"),
                arguments(json("200 OK", " ".repeat(HttpsProbeConnection.MAX_BODY + 1)), tooLarge),
                arguments(json("200 OK", "{}", "X: " + "x".repeat(HttpsProbeConnection.MAX_HEAD)), tooLarge));
    }

    private static final String UNFINISHED = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\nshort";

    @ParameterizedTest
    @MethodSource("responses")
    void aResponseThatIsNotUsableIsReported(Act act, String explanation) {
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> act)) {
            ProbeResult answer = probe(server);

            assertThat(explanation(answer)).isEqualTo(Prober.at(server) + " " + explanation);
            assertThat(answer.certificate()).isEqualTo(IDENTITY.fingerprint());
        }
    }

    @Test
    void aResponseOfExactlyTheLimitIsAccepted() {
        String largest = " ".repeat(HttpsProbeConnection.MAX_BODY);
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> json("200 OK", largest))) {
            assertThat(probe(server).outcome()).isEqualTo(new ProbeOutcome.Authenticated(null));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", UNFINISHED})
    void aResponseThatDoesNotEndInTimeIsReported(String start) {
        Instant accepted = Instant.EPOCH.plusSeconds(5);
        AtomicReference<Instant> time = new AtomicReference<>(Instant.EPOCH);
        try (ScriptedServer server =
                ScriptedServer.tls(IDENTITY, request -> stay(start)).onAccept(() -> time.set(accepted))) {
            Timeouts timeouts = new Timeouts(HangDetector.TIMEOUT, SHORT);
            ProbeResult answer = PROBER.probe(PROBER.apiServer(Prober.at(server), CA, time::get, timeouts));

            assertThat(explanation(answer)).isEqualTo(Prober.at(server) + " did not answer within 0.2 s");
            assertThat(answer.sentAt()).isEqualTo(accepted);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closeByAnotherThreadEndsTheHandshakeOrTheWait(boolean handshake) {
        AtomicReference<ProbeConnection> asked = new AtomicReference<>();
        ScriptedServer.Script script = request -> {
            asked.get().close();
            return SILENCE;
        };
        try (ScriptedServer server = handshake ? ScriptedServer.plain(script) : ScriptedServer.tls(IDENTITY, script);
                ProbeConnection probeConnection =
                        PROBER.apiServer(Prober.at(server), CA).open()) {
            asked.set(probeConnection);
            ProbeResult answer = probeConnection.probe(PROBER.token()).join();

            assertThat(explanation(answer)).isEqualTo("the connection to " + Prober.at(server) + " is closed");
            assertThat(probeConnection.isOpen()).isFalse();
        }
    }

    private static ProbeResult probe(ScriptedServer server) {
        return PROBER.probe(PROBER.apiServer(Prober.at(server), CA));
    }

    private static String explanation(ProbeResult answer) {
        return assertThat(answer.outcome())
                .asInstanceOf(type(ProbeOutcome.Unreachable.class))
                .actual()
                .explanation();
    }
}
