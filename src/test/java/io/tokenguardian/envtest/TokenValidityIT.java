package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.standin.TokenSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The times between which a real API server accepts a token (docs/api-server.md, Token validity). */
@Tag("envtest")
class TokenValidityIT {
    private static final Duration LEEWAY = Duration.ofSeconds(60);

    private final ControlPlane plane = ControlPlane.shared();
    private final Account account = Account.create(plane);

    /** One request: when it was sent and received, and the status and date of its response. */
    private record Sample(Instant sentAt, Instant receivedAt, int status, Instant date) {}

    static Stream<Arguments> claims() {
        Duration hour = Duration.ofHours(1);
        return Stream.of(
                claim("nbf", 401, 200, (spec, change) -> spec.notBefore(change.plus(LEEWAY))),
                claim(
                        "iat",
                        401,
                        200,
                        (spec, change) -> spec.issuedAt(change.plus(LEEWAY)).notBefore(change.minus(hour))),
                claim(
                        "exp",
                        200,
                        401,
                        (spec, change) -> spec.issuedAt(change.minus(hour)).expiresAt(change.minus(LEEWAY))));
    }

    private static Arguments claim(
            String name, int before, int after, BiFunction<TokenSpec, Instant, TokenSpec> specAt) {
        return Arguments.of(name, before, after, specAt);
    }

    /** The API server uses this machine's clock. Each request has a new token, because an accepted token is cached. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("claims")
    void theServersJudgementChangesExactlyALeewayFromTheClaim(
            String claim, int before, int after, BiFunction<TokenSpec, Instant, TokenSpec> specAt) {
        Instant change;
        List<Sample> samples;
        do {
            change = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(2);
            samples = samples(specAt.apply(account.spec(), change), change);
        } while (!samples.get(0).receivedAt().isBefore(change)); // a busy machine was too late
        Instant changesAt = change;

        assertThat(samples)
                .filteredOn(sample -> sample.receivedAt().isBefore(changesAt))
                .isNotEmpty()
                .allSatisfy(sample -> assertThat(sample.status()).isEqualTo(before));
        // At nbf - leeway, the server no longer refuses the token. At exp + leeway, it does not refuse the token yet.
        assertThat(samples)
                .filteredOn(sample -> sample.sentAt().isAfter(changesAt))
                .isNotEmpty()
                .allSatisfy(sample -> assertThat(sample.status()).isEqualTo(after));
        // Decision 2: the token of a response dated before the change was checked before it, because Date is written
        // after the check.
        assertThat(samples)
                .filteredOn(sample -> sample.date().isBefore(changesAt))
                .allSatisfy(sample -> assertThat(sample.status()).isEqualTo(before));
    }

    private List<Sample> samples(TokenSpec spec, Instant change) {
        Api anonymous = plane.apiServer(0).anonymous();
        List<Sample> samples = new ArrayList<>();
        Instant sentAt;
        do {
            Api caller = anonymous.with(plane.files().issue(spec));
            sentAt = Instant.now();
            Api.Response response = caller.get("/api");
            samples.add(new Sample(sentAt, Instant.now(), response.status(), response.date()));
        } while (sentAt.isBefore(change.plusMillis(20)));
        return samples;
    }
}
