package io.tokenguardian.apiserver;

import static io.tokenguardian.apiserver.ScriptedServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpsProbeConnectionTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("test");
    private static final TestAuthority.Identity IDENTITY =
            AUTHORITY.issue("cp-1", "kubernetes.default.svc", "127.0.0.1");
    private static final String UNAUTHORIZED = """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized",\
            "reason":"Unauthorized","code":401}""";
    private static final ScriptedServer.Act REFUSAL = json("401 Unauthorized", UNAUTHORIZED);
    private static final String WHO = "POST /apis/authentication.k8s.io/v1/selfsubjectreviews HTTP/1.1";
    private static final String MAY_I = "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews HTTP/1.1";
    private static final String VERSIONS = "GET /api HTTP/1.1";
    private static final String MARK = "X-Kubernetes-Pf-Flowschema-Uid: 1f0a";

    @RegisterExtension
    static final Prober PROBER = new Prober();

    private final Path ca = AUTHORITY.file();

    @Test
    void aProbeIsASelfSubjectReviewWithTheToken() {
        try (ScriptedServer server = answering(REFUSAL)) {
            PROBER.probe(apiServer(server));

            ScriptedServer.Request request = server.requests().get(0);
            assertThat(request.line()).isEqualTo(WHO);
            assertThat(request.body())
                    .isEqualTo("{\"kind\":\"SelfSubjectReview\",\"apiVersion\":\"authentication.k8s.io/v1\"}");
            assertThat(request.header("authorization"))
                    .containsExactly("Bearer " + PROBER.token().bearer());
            assertThat(request.header("user-agent")).containsExactly("token-guardian/1.2.3");
            assertThat(request.header("accept")).containsExactly("application/json");
            assertThat(request.header("content-type")).containsExactly("application/json");
            assertThat(request.header("host")).containsExactly("127.0.0.1:" + server.port());
        }
    }

    /** A resumed session shows no certificate, and only certificates tell replicas apart. */
    @Test
    void aFurtherConnectionMakesAFullHandshake() {
        try (ScriptedServer server = answering(REFUSAL)) {
            ApiServer apiServer = apiServer(server);
            PROBER.probe(apiServer);
            int before = IDENTITY.keyUses().get();

            PROBER.probe(apiServer);

            assertThat(IDENTITY.keyUses()).hasValueGreaterThan(before);
        }
    }

    @Test
    void aConnectionThatCouldNotBeOpenedIsNotOpen() {
        ScriptedServer gone = answering(REFUSAL);
        gone.close();
        try (ProbeConnection probeConnection = apiServer(gone).open()) {
            probeConnection.probe(PROBER.token()).join();

            assertThat(probeConnection.isOpen()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "201 Created | {\"status\":{\"userInfo\":{\"username\":\"system:serviceaccount:shop:till\"}}}"
                        + " | system:serviceaccount:shop:till",
                "201 Created   | ''                                         |",
                "201 Created   | {                                          |",
                "201 Created   | null                                       |",
                "201 Created   | []                                         |",
                "201 Created   | {\"status\":1}                             |",
                "201 Created   | {\"status\":{\"userInfo\":{\"username\":7}}} |",
                "201 Created   | {}                                         |",
                "403 Forbidden | {}                                         |",
            })
    void aCreatedReviewOrAForbiddenProbeIsAuthenticated(String status, String body, @Nullable String user) {
        assertThat(outcome(json(status, body))).isEqualTo(new ProbeOutcome.Authenticated(user));
    }

    @Test
    void anUnauthorizedResponseIsDatedByTheReplica() {
        try (ScriptedServer server =
                answering(json("401 Unauthorized", UNAUTHORIZED, "Date: Sun, 06 Nov 1994 08:49:37 GMT"))) {
            ProbeResult answer = PROBER.probe(apiServer(server));

            assertThat(answer.outcome()).isEqualTo(new ProbeOutcome.Unauthorized());
            assertThat(answer.date()).isEqualTo(Instant.parse("1994-11-06T08:49:37Z"));
            assertThat(answer.address()).isEqualTo("127.0.0.1:" + server.port());
            assertThat(answer.certificate()).isEqualTo(IDENTITY.fingerprint());
            assertThat(answer.names()).containsExactly("cp-1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "429 Too Many Requests,     7,    PT7S",
        "503 Service Unavailable,   300,  PT5M",
        "503 Service Unavailable,   301,  PT5M",
        "503 Service Unavailable,   soon, ",
        "503 Service Unavailable,   -1,   ",
        "302 Found,                 -,    ",
        "400 Bad Request,           -,    ",
        "500 Internal Server Error, -,    ",
        "101 Switching Protocols,   -,    ",
    })
    void anyOtherStatusIsUnavailableForItsRetryAfterWithinBounds(
            String status, String retryAfter, @Nullable Duration expected) {
        try (ScriptedServer server = answering(json(status, "", "Retry-After: " + retryAfter))) {
            ProbeResult answer = PROBER.probe(apiServer(server));

            assertThat(answer.outcome())
                    .isEqualTo(new ProbeOutcome.Unavailable(
                            at(server) + " answered " + status + " to " + WHO.replace(" HTTP/1.1", ""), expected));
        }
    }

    /** kube-apiserver adds the mark only after it has accepted the token. */
    @ParameterizedTest
    @ValueSource(strings = {"302 Found", "400 Bad Request", "404 Not Found", "503 Service Unavailable"})
    void aMarkedResponseShowsAnAcceptance(String status) {
        try (ScriptedServer server = answering(json(status, "", MARK))) {
            assertThat(PROBER.probe(apiServer(server)).outcome()).isInstanceOf(ProbeOutcome.Authenticated.class);
            assertThat(server.lines()).containsExactly(WHO);
        }
    }

    @Test
    void aMarkedResponsePassesOnItsRetryAfter() {
        assertThat(outcome(json("429 Too Many Requests", "", MARK, "Retry-After: 7")))
                .isEqualTo(new ProbeOutcome.Authenticated(null, Duration.ofSeconds(7)));
    }

    @Test
    void aMarked401IsStillARefusal() {
        assertThat(outcome(json("401 Unauthorized", UNAUTHORIZED, MARK))).isEqualTo(new ProbeOutcome.Unauthorized());
    }

    @Test
    void anInterimResponseIsIgnored() {
        String text = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + json("401 Unauthorized", UNAUTHORIZED).text();

        assertThat(outcome(ScriptedServer.stay(text))).isEqualTo(new ProbeOutcome.Unauthorized());
    }

    @Test
    void anUnknownProbeIsFollowedByAnOlderKindOnTheSameConnection() {
        try (ScriptedServer server = answeringTo(VERSIONS)) {
            ProbeResult answer = PROBER.probe(apiServer(server));

            assertThat(answer.outcome()).isEqualTo(new ProbeOutcome.Authenticated(null));
            assertThat(server.lines()).containsExactly(WHO, MAY_I, VERSIONS);
            assertThat(server.connections()).containsExactly(1, 1, 1);
        }
    }

    @Test
    void theKnownKindOfProbeIsSentFirstOnTheNextConnection() {
        try (ScriptedServer server = answeringTo(MAY_I)) {
            ApiServer apiServer = apiServer(server);
            PROBER.probe(apiServer);

            PROBER.probe(apiServer);

            assertThat(server.lines()).containsExactly(WHO, MAY_I, MAY_I);
        }
    }

    @Test
    void aServerThatKnowsNoKindOfProbeIsUnavailable() {
        try (ScriptedServer server = answeringTo("nothing")) {
            ApiServer apiServer = apiServer(server);
            ProbeResult answer = PROBER.probe(apiServer);

            PROBER.probe(apiServer);

            assertThat(answer.outcome())
                    .isEqualTo(new ProbeOutcome.Unavailable(at(server) + " answered 404 Not Found to GET /api", null));
            assertThat(server.lines()).containsExactly(WHO, MAY_I, VERSIONS, WHO, MAY_I, VERSIONS);
        }
    }

    @Test
    void aServerThatClosesOnAnUnknownProbeGetsTheNextKindLater() {
        try (ScriptedServer server = answering(json("404 Not Found", "", "Connection: close"))) {
            ApiServer apiServer = apiServer(server);
            PROBER.probe(apiServer);

            PROBER.probe(apiServer);

            assertThat(server.lines()).containsExactly(WHO, MAY_I);
        }
    }

    @Test
    void aResponseWithConnectionCloseEndsTheProbeConnection() {
        try (ScriptedServer server = answering(json("401 Unauthorized", UNAUTHORIZED, "Connection: close"));
                ProbeConnection probeConnection = apiServer(server).open()) {
            probeConnection.probe(PROBER.token()).join();

            ProbeResult second = probeConnection.probe(PROBER.token()).join();

            assertThat(probeConnection.isOpen()).isFalse();
            assertThat(second.outcome()).isInstanceOf(ProbeOutcome.Unreachable.class);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void unexpectedBytesEndTheProbeConnection() {
        String answer = json("401 Unauthorized", UNAUTHORIZED).text();
        try (ScriptedServer server = answering(ScriptedServer.stay(answer + answer));
                ProbeConnection probeConnection = apiServer(server).open()) {
            probeConnection.probe(PROBER.token()).join();

            await().until(() -> !probeConnection.isOpen());
            assertThat(probeConnection.probe(PROBER.token()).join().outcome())
                    .isInstanceOf(ProbeOutcome.Unreachable.class);
        }
    }

    @Test
    void theTimesAreOfTheRequestAndOfItsResponsesHeaders() {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        AtomicReference<Instant> now = new AtomicReference<>(start);
        ScriptedServer.Script script = request -> {
            now.set(start.plusSeconds(7));
            return json("401 Unauthorized", UNAUTHORIZED);
        };
        try (ScriptedServer server =
                ScriptedServer.tls(IDENTITY, script).onAccept(() -> now.set(start.plusSeconds(5)))) {
            ProbeResult answer = PROBER.probe(PROBER.apiServer(Prober.at(server), ca, now::get, Prober.GENEROUS));

            assertThat(answer.sentAt()).isEqualTo(start.plusSeconds(5));
            assertThat(answer.receivedAt()).isEqualTo(start.plusSeconds(7));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aServerOfEitherTlsVersionIsUnderstood(String protocol) {
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> REFUSAL, protocol)) {
            assertThat(PROBER.probe(apiServer(server)).outcome()).isEqualTo(new ProbeOutcome.Unauthorized());
        }
    }

    @Test
    void aServerNameIsVerifiedAndSentInPlaceOfTheAddress() {
        try (ScriptedServer server = answering(AUTHORITY.issue("kubernetes"), REFUSAL)) {
            ApiServerAddress address = new ApiServerAddress("127.0.0.1", server.port(), "kubernetes");

            ProbeResult answer = PROBER.probe(PROBER.apiServer(address, ca));

            assertThat(answer.outcome()).isEqualTo(new ProbeOutcome.Unauthorized());
            assertThat(server.serverNames()).containsExactly("kubernetes");
        }
    }

    @Test
    void anAddressIsVerifiedButNotSentAsAServerName() {
        try (ScriptedServer server = answering(REFUSAL)) {
            ProbeResult answer = PROBER.probe(apiServer(server));

            assertThat(answer.outcome()).isEqualTo(new ProbeOutcome.Unauthorized());
            assertThat(server.serverNames()).isEmpty();
        }
    }

    @Test
    void aReplacedCertificateAuthorityAppliesToTheNextConnection() throws Exception {
        TestAuthority other = new TestAuthority("other");
        try (ScriptedServer server = answering(other.issue("127.0.0.1"), REFUSAL)) {
            CertificateAuthority authority = new CertificateAuthority(ca);
            ApiServer apiServer =
                    PROBER.apiServer(Prober.at(server), authority, InstantSource.system(), Prober.GENEROUS);
            ProbeOutcome before = PROBER.probe(apiServer).outcome();

            Files.writeString(ca, AUTHORITY.pem() + other.pem());
            authority.refresh();

            assertThat(before).isInstanceOf(ProbeOutcome.Unreachable.class);
            assertThat(PROBER.probe(apiServer).outcome()).isEqualTo(new ProbeOutcome.Unauthorized());
        }
    }

    private ProbeOutcome outcome(ScriptedServer.Act act) {
        try (ScriptedServer server = answering(act)) {
            return PROBER.probe(apiServer(server)).outcome();
        }
    }

    private ApiServer apiServer(ScriptedServer server) {
        return PROBER.apiServer(Prober.at(server), ca);
    }

    private static String at(ScriptedServer server) {
        return Prober.at(server).hostAndPort();
    }

    private static ScriptedServer answering(ScriptedServer.Act act) {
        return answering(IDENTITY, act);
    }

    private static ScriptedServer answering(TestAuthority.Identity identity, ScriptedServer.Act act) {
        return ScriptedServer.tls(identity, request -> act);
    }

    private static ScriptedServer answeringTo(String line) {
        List<String> known = List.of(line);
        return ScriptedServer.tls(
                IDENTITY,
                request -> known.contains(request.line()) ? json("200 OK", "{}") : json("404 Not Found", "{}"));
    }
}
