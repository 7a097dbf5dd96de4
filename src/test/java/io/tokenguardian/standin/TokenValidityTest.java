package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a replica accepts a token (docs/api-server.md, Token validity). */
class TokenValidityTest {

    private static final Instant START = Instant.parse("2026-11-24T12:00:00.250Z");
    private static final Instant ISSUED = Instant.parse("2026-11-24T12:00:00Z");

    private final AtomicReference<Instant> time = new AtomicReference<>(START);

    @AutoClose
    private StandInApiServer server;

    private Caller caller;

    @BeforeEach
    void start() throws Exception {
        server = StandInApiServer.builder().replicas(2).clock(time::get).start();
        caller = new Caller(server);
    }

    private HttpResponse<String> ask(int replica, String token) throws Exception {
        return caller.get(server.replica(replica).url(), "/api", token);
    }

    @ParameterizedTest(name = "{1} s after the bound of {0}: {2}")
    @CsvSource({
        "nbf, -0.000000001, 401",
        "nbf, 0, 200",
        "iat, -0.000000001, 401",
        "iat, 0, 200",
        "exp, 0, 200",
        "exp, 0.001, 401"
    })
    void isAcceptedWithinItsTimesAndTheLeeway(String claim, double seconds, int status) throws Exception {
        // Given
        TokenSpec spec = TokenSpec.unextended();
        String token = server.issue(
                switch (claim) {
                    case "nbf" -> spec.notBefore(ISSUED.plusSeconds(100));
                    case "iat" -> spec.issuedAt(ISSUED.plusSeconds(100)).notBefore(ISSUED);
                    default -> spec.lifetime(Duration.ofMinutes(10));
                });
        time.set(ISSUED.plusSeconds(claim.equals("exp") ? 660 : 40).plusNanos(Math.round(seconds * 1e9)));
        // When
        HttpResponse<String> answer = ask(0, token);
        // Then
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @ParameterizedTest(name = "{0} s after exp + 60 s: {1}")
    @CsvSource({"9.998, 200", "9.999, 401", "10, 401"})
    void isRememberedForTenSecondsOnceAccepted(double seconds, int status) throws Exception {
        // Given
        String token = server.issue(TokenSpec.unextended().lifetime(Duration.ofMinutes(10)));
        time.set(ISSUED.plusSeconds(660).minusMillis(1));
        ask(0, token);
        time.set(ISSUED.plusSeconds(660).plusNanos(Math.round(seconds * 1e9)));
        // When
        HttpResponse<String> answer = ask(0, token);
        // Then
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @Test
    void isNotRememberedByTheOtherReplica() throws Exception {
        // Given
        String token = server.issue(TokenSpec.unextended().lifetime(Duration.ofMinutes(10)));
        time.set(ISSUED.plusSeconds(660));
        ask(0, token);
        time.set(ISSUED.plusSeconds(660).plusMillis(1));
        // When
        HttpResponse<String> answer = ask(1, token);
        // Then
        assertThat(answer.statusCode()).isEqualTo(401);
    }

    @Test
    void tokenIsAcceptedOnceTheClockPassesSinceFailuresAreNotCached() throws Exception {
        // Given
        String token = server.issue(TokenSpec.unextended().notBefore(ISSUED.plusSeconds(100)));
        time.set(ISSUED.plusSeconds(40).minusMillis(1));
        assertThat(ask(0, token).statusCode()).isEqualTo(401);
        time.set(ISSUED.plusSeconds(40));
        // When
        HttpResponse<String> answer = ask(0, token);
        // Then
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @ParameterizedTest(name = "{0} ms behind: {1}")
    @CsvSource({"60250, 200", "60251, 401", "75000, 401", "-3600000, 200"})
    void isJudgedByTheClockOfTheReplicaThatIsAsked(long behindMillis, int status) throws Exception {
        // Given
        server.replica(1).clock().offset(Duration.ofMillis(-behindMillis));
        String token = server.issue();
        // When
        HttpResponse<String> answer = ask(1, token);
        // Then
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @Test
    void carriesTheTimeOfTheReplicaThatIssuedItFlooredToSeconds() throws Exception {
        // Given
        server.replica(1).clock().offset(Duration.ofMillis(5_749));
        // When
        String token = server.issue(1, TokenSpec.unextended());
        // Then
        JWTClaimsSet claims = SignedJWT.parse(token).getJWTClaimsSet();
        assertThat(claims.getIssueTime()).isEqualTo(ISSUED.plusSeconds(5));
        assertThat(claims.getNotBeforeTime()).isEqualTo(ISSUED.plusSeconds(5));
        assertThat(claims.getExpirationTime()).isEqualTo(ISSUED.plusSeconds(5 + 3607));
    }

    @Test
    void isGoodForAYearWithAWarningAfterAnHourWhenInjectedByDefault() throws Exception {
        // When
        String token = server.issue(TokenSpec.extended());
        // Then
        JWTClaimsSet claims = SignedJWT.parse(token).getJWTClaimsSet();
        assertThat(claims.getExpirationTime()).isEqualTo(ISSUED.plus(Duration.ofDays(365)));
        assertThat(claims.getJSONObjectClaim("kubernetes.io"))
                .containsEntry("warnafter", ISSUED.plusSeconds(3607).getEpochSecond());
    }
}
