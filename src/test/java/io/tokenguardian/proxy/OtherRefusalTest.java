package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.dev.Backend;
import io.tokenguardian.dev.Fault;
import io.tokenguardian.dev.ReplicaSelection;
import io.tokenguardian.dev.ResourceType;
import io.tokenguardian.dev.StandInApiServer;
import io.tokenguardian.dev.TokenSpec;
import io.tokenguardian.testing.DefaultSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A 401 that time does not heal: the caller gets it at once and as it is, save one more try for a young token. */
class OtherRefusalTest {

    private static final String PODS = "/api/v1/namespaces/default/pods";

    /** The body that every refused token gets (docs/api-server.md, 401 responses). */
    private static final String UNAUTHORIZED = """
            {
              "kind": "Status",
              "apiVersion": "v1",
              "metadata": {},
              "status": "Failure",
              "message": "Unauthorized",
              "reason": "Unauthorized",
              "code": 401
            }""";

    @TempDir
    Path directory;

    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().replicas(2).sharedCertificate(true).start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RunningProxy proxyWith(String token) throws IOException {
        return StandIns.before(server, directory).using(token);
    }

    private String aged(UnaryOperator<TokenSpec> change) {
        return server.issue(
                change.apply(TokenSpec.unextended().issuedAt(Instant.now().minusSeconds(60))));
    }

    static Stream<Arguments> flaws() {
        return Stream.of(
                flaw("for another audience", spec -> spec.audience("vault")),
                flaw("of another issuer", spec -> spec.issuer("https://elsewhere")),
                flaw("signed by nobody known", spec -> spec.signedBy(TokenSpec.Signer.UNKNOWN_KEY)),
                flaw("of another account of that name", spec -> spec.serviceAccountUid("another")));
    }

    private static Arguments flaw(String name, UnaryOperator<TokenSpec> change) {
        return Arguments.of(name, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("flaws")
    void aTokenThatIsNoGoodIsRefusedOnceAndTheAnswerPassesAsItIs(String name, UnaryOperator<TokenSpec> flaw)
            throws IOException {
        // Given
        try (RunningProxy proxy = proxyWith(aged(flaw));
                RawCaller caller = proxy.call()) {
            // When
            String answer = caller.get(PODS, "").readAnswer();

            // Then
            assertPassedAsItIs(answer, proxy);
        }
    }

    @Test
    void theTokenOfADeletedAccountIsRefusedOnceAndTheAnswerPassesAsItIs() throws IOException {
        // Given
        try (RunningProxy proxy = proxyWith(aged(spec -> spec));
                RawCaller caller = proxy.call()) {
            server.objects().delete(ResourceType.SERVICE_ACCOUNTS, "default", "default");

            // When
            String answer = caller.get(PODS, "").readAnswer();

            // Then
            assertPassedAsItIs(answer, proxy);
        }
    }

    private void assertPassedAsItIs(String answer, RunningProxy proxy) {
        assertThat(answer)
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .endsWith("\r\n\r\n" + UNAUTHORIZED)
                .containsIgnoringCase("audit-id: ")
                .doesNotContainIgnoringCase("token-guardian");
        assertThat(proxy.counters().retries()).isZero();
        assertThat(server.replicas().stream()
                        .mapToLong(each -> each.requestCount())
                        .sum())
                .isEqualTo(1);
    }

    @Test
    void aTokenThatEveryReplicaCallsExpiredIsSearchedForAndThenTheAnswerPasses() throws IOException {
        // Given
        UnaryOperator<TokenSpec> expired =
                spec -> spec.issuedAt(Instant.now().minusSeconds(7200)).lifetime(Duration.ofHours(1));
        try (RunningProxy proxy = proxyWith(aged(expired));
                RawCaller caller = proxy.call()) {
            // When
            String answer = caller.get(PODS, "").readAnswer();

            // Then
            assertThat(answer).startsWith("HTTP/1.1 401 Unauthorized\r\n").endsWith("\r\n\r\n" + UNAUTHORIZED);
            assertThat(proxy.counters().retries()).isEqualTo(RetryPolicy.MAX_EXPIRED);
        }
    }

    @Test
    void aBackendsOwnRefusalPassesAsItIsThoughTheTokenIsAccepted() throws IOException {
        // Given
        server.backend((head, body) ->
                new Backend.Answer(401, Map.of("WWW-Authenticate", "Basic realm=\"wiki\""), "who are you?\n"));
        try (RunningProxy proxy = proxyWith(aged(spec -> spec));
                RawCaller caller = proxy.call()) {
            // When
            String answer = caller.get("/api/v1/namespaces/default/services/wiki/proxy/", "")
                    .readAnswer();

            // Then
            assertThat(answer)
                    .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                    .containsIgnoringCase("www-authenticate: Basic realm=\"wiki\"\r\n")
                    .endsWith("\r\n\r\nwho are you?\n")
                    .doesNotContainIgnoringCase("token-guardian");
            assertThat(server.executed())
                    .filteredOn(request -> !request.head().path().equals("/version"))
                    .hasSize(1);
        }
    }

    @Test
    void aYoungTokenThatOneReplicaDoesNotKnowYetIsTriedOnAnotherConnection() throws IOException {
        // Given
        server.replica(0).fault(refusal(), 1);
        server.selection(ReplicaSelection.order(0, 1));
        try (RunningProxy proxy = proxyWith(server.issue());
                RawCaller caller = proxy.call()) {
            // When
            String answer = caller.get(PODS, "").readAnswer();

            // Then
            assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").contains("token-guardian: held=0.000;retries=1\r\n");
            assertThat(server.replica(1).requestCount()).isEqualTo(1);
        }
    }

    @Test
    void aYoungTokenThatIsRefusedAgainIsNotTriedAThirdTime() throws IOException {
        // Given
        server.fault(refusal());
        try (RunningProxy proxy = proxyWith(server.issue());
                RawCaller caller = proxy.call()) {
            // When
            String answer = caller.get(PODS, "").readAnswer();

            // Then
            assertThat(answer).startsWith("HTTP/1.1 401 ").endsWith("\r\n\r\n" + UNAUTHORIZED);
            assertThat(proxy.counters().retries()).isEqualTo(1);
        }
    }

    @Test
    void aTokenOfTheAgeOfYoungTokenIsNotTriedAgain() throws IOException {
        // Given
        server.fault(refusal());
        Duration youngToken = DefaultSettings.proxy().youngToken();
        String token =
                server.issue(TokenSpec.unextended().issuedAt(Instant.now().minus(youngToken)));
        try (RunningProxy proxy = proxyWith(token);
                RawCaller caller = proxy.call()) {
            // When
            String answer = caller.get(PODS, "").readAnswer();

            // Then
            assertThat(answer).startsWith("HTTP/1.1 401 ");
            assertThat(proxy.counters().retries()).isZero();
        }
    }

    private static Fault refusal() {
        return new Fault.Instead(401, Map.of("Content-Type", "application/json"), UNAUTHORIZED);
    }
}
