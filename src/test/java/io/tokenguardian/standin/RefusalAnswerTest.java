package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The responses to callers that are refused (docs/api-server.md, 401 responses). */
class RefusalAnswerTest {

    private static final Instant START = Instant.parse("2026-11-24T12:00:00.999Z");
    private static final TokenSpec FUTURE = TokenSpec.unextended().notBefore(START.plusSeconds(500));

    private final AtomicReference<Instant> time = new AtomicReference<>(START);

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws Exception {
        server = StandInApiServer.builder().clock(time::get).start();
    }

    @Test
    void isDatedByTheReplicasOwnClockTruncatedToSeconds() throws Exception {
        // Given
        server.replica(0).clock().offset(Duration.ofSeconds(-75));
        // When
        HttpResponse<String> answer = new Caller(server).get(server.url(), "/api", server.issue(FUTURE));
        // Then
        assertThat(answer.headers().firstValue("Date")).hasValue("Tue, 24 Nov 2026 11:58:45 GMT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/version", "/healthz", "/livez", "/readyz", "/api", "/nowhere"})
    void meetsAnonymousEverywhereWithAnonymousOff(String path) throws Exception {
        // When
        HttpResponse<String> answer = new Caller(server).get(server.url(), path, null);
        // Then
        assertThat(answer.statusCode()).isEqualTo(401);
    }

    @Test
    void countsAnEmptyBearerAsAnonymous() throws Exception {
        // Given
        server.anonymous(true);
        // When
        HttpResponse<String> answer = new Caller(server)
                .send(Caller.request(server.url(), "/version", null)
                        .header("Authorization", "Bearer ")
                        .build());
        // Then
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.tokenguardian.envtest.RefusalIT#causes")
    void hasTheCauseThatARealServerHas(String text, UnaryOperator<TokenSpec> request) throws Exception {
        try (StandInApiServer now = StandInApiServer.builder().start()) {
            new Caller(now).get(now.url(), "/api", now.issue(request.apply(TokenSpec.unextended())));

            assertThat(now.requests().get(0).cause()).contains(text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"!", "=", ".", ".e30"})
    void comesForATokenThatIsNotThreePartsOfBase64Url(String more) throws Exception {
        // Given
        String token = server.issue() + more;
        // When
        HttpResponse<String> answer = new Caller(server).get(server.url(), "/api", token);
        // Then
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(server.requests().get(0).cause()).isEqualTo("invalid bearer token");
    }

    @Test
    void comesAfterTheServiceAccountIsDeletedAndForgotten() throws Exception {
        // Given
        String token = server.issue();
        server.objects().delete(ResourceType.SERVICE_ACCOUNTS, "default", "default");
        // When
        HttpResponse<String> answer = new Caller(server).get(server.url(), "/api", token);
        // Then
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(server.requests().get(0).cause()).contains("serviceaccounts \"default\" not found");
    }

    @Test
    void comesForAnOldTokenOfAServiceAccountThatWasMadeAgain() throws Exception {
        // Given
        String token = server.issue();
        server.objects().delete(ResourceType.SERVICE_ACCOUNTS, "default", "default");
        server.issue();
        // When
        HttpResponse<String> answer = new Caller(server).get(server.url(), "/api", token);
        // Then
        assertThat(answer.statusCode()).isEqualTo(401);
    }

    @Test
    void comesAfterThePodIsDeleted() throws Exception {
        // Given
        String token = server.issue();
        server.objects().delete(ResourceType.PODS, "default", "demo");
        // When
        HttpResponse<String> answer = new Caller(server).get(server.url(), "/api", token);
        // Then
        assertThat(answer.statusCode()).isEqualTo(401);
    }
}
