package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.envtest.Api;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a replica accepts a token (docs/api-server.md, Token validity). */
class TokenValidityTest {

    private static final Instant START = Instant.parse("2026-11-24T12:00:00.250Z");
    private static final Instant ISSUED = Instant.parse("2026-11-24T12:00:00Z");

    private final AtomicReference<Instant> time = new AtomicReference<>(START);

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws Exception {
        server = StandInApiServer.builder().replicas(2).clock(time::get).start();
    }

    private Api.Response ask(int replica, String token) {
        return new Api(
                        Certificates.trusting(server.caPem()),
                        server.replica(replica).url(),
                        token)
                .get("/api");
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
    void isAcceptedWithinItsTimesAndTheLeeway(String claim, double seconds, int status) {
        TokenSpec spec = TokenSpec.unextended();
        String token = server.issue(
                switch (claim) {
                    case "nbf" -> spec.notBefore(ISSUED.plusSeconds(100));
                    case "iat" -> spec.issuedAt(ISSUED.plusSeconds(100)).notBefore(ISSUED);
                    default -> spec.lifetime(Duration.ofMinutes(10));
                });
        time.set(ISSUED.plusSeconds(claim.equals("exp") ? 660 : 40).plusNanos(Math.round(seconds * 1e9)));

        assertThat(ask(0, token).status()).isEqualTo(status);
    }

    @ParameterizedTest(name = "{1} s after exp + 60 s, by replica {0}: {2}")
    @CsvSource({"0, 9.998, 200", "0, 9.999, 401", "1, 9.998, 401"})
    void isCachedForTenSecondsByTheReplicaThatAcceptedIt(int replica, double seconds, int status) {
        String token = server.issue(TokenSpec.unextended().lifetime(Duration.ofMinutes(10)));
        time.set(ISSUED.plusSeconds(660).minusMillis(1));
        ask(0, token);
        time.set(ISSUED.plusSeconds(660).plusNanos(Math.round(seconds * 1e9)));

        assertThat(ask(replica, token).status()).isEqualTo(status);
    }

    @ParameterizedTest(name = "{0} ms behind: {1}")
    @CsvSource({"60250, 200, 11:59:00", "60251, 401, 11:58:59", "-3600000, 200, 13:00:00"})
    void isJudgedByTheClockOfTheReplicaAsItsDateShows(long behindMillis, int status, String date) {
        server.replica(1).clock().offset(Duration.ofMillis(-behindMillis));

        Api.Response response = ask(1, server.issue());

        assertThat(response.status()).isEqualTo(status);
        assertThat(response.headers().firstValue("Date")).hasValue("Tue, 24 Nov 2026 " + date + " GMT");
    }
}
