package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.replica.Search;
import io.tokenguardian.standin.Backend;
import io.tokenguardian.standin.ResourceType;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every replica refuses the token for a reason that does not pass with time. The caller gets the API server's own 401.
 */
class OtherRefusalTest {

    private static final String PODS = "/api/v1/namespaces/default/pods";

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().replicas(2).sharedCertificate(true).start();
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
    void aFlawedTokenGetsTheServers401(String name, UnaryOperator<TokenSpec> flaw) throws IOException {
        // Given
        try (RunningProxy proxy = proxyWith(aged(flaw));
                RawCaller caller = proxy.call()) {
            // When
            String answer = caller.get(PODS, "").readAnswer();

            // Then
            assertPassedAsItIs(answer);
        }
    }

    @Test
    void aTokenOfADeletedAccountGetsTheServers401() throws IOException {
        // Given
        try (RunningProxy proxy = proxyWith(aged(spec -> spec));
                RawCaller caller = proxy.call()) {
            server.objects().delete(ResourceType.SERVICE_ACCOUNTS, "default", "default");

            // When
            String answer = caller.get(PODS, "").readAnswer();

            // Then
            assertPassedAsItIs(answer);
        }
    }

    private static void assertPassedAsItIs(String answer) {
        assertThat(answer)
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .endsWith("\r\n\r\n" + StandIns.UNAUTHORIZED)
                .containsIgnoringCase("audit-id: ");
    }

    private String expired() {
        return aged(spec -> spec.issuedAt(Instant.now().minusSeconds(7200)).lifetime(Duration.ofHours(1)));
    }

    @Test
    void aTokenThatEveryReplicaCallsExpiredGetsTheServers401() throws IOException {
        // Given
        Verdict expired = new Verdict.Expired("10.96.0.1:443", null, Instant.now());
        try (RunningProxy proxy = StandIns.before(server, directory)
                        .knowing(
                                expired,
                                TestTokens.parse(expired()),
                                Instant.now().minusSeconds(60));
                RawCaller caller = proxy.call()) {
            // When
            String answer = caller.get(PODS, "").readAnswer();

            // Then
            assertPassedAsItIs(answer);
        }
    }

    /** After a computer's sleep, the proxy is refused before the guardian knows that kubelet is about to replace it. */
    @Test
    void anExpiredTokenThatIsStillUsableIsNotTheCallersConcern() throws IOException {
        // Given
        try (RunningProxy proxy = proxyWith(expired());
                RawCaller caller = proxy.call().get(PODS, "")) {
            await().until(() -> proxy.observer.refusals.size() > Search.GIVE_UP_AFTER);

            // When
            proxy.using(aged(spec -> spec));

            // Then
            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void aBackends401PassesUnchangedIfTheTokenIsAccepted() throws IOException {
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
}
