package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.dev.TokenSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** From when until when a real API server accepts a token (docs/api-server.md, Token validity). */
@Tag("envtest")
class TokenValidityIT {
    private static final Duration LEEWAY = Duration.ofSeconds(60);

    /** How long an accepted token is cached (docs/api-server.md, Authentication cache). */
    private static final Duration REMEMBERED = Duration.ofSeconds(10);

    private final ControlPlane plane = ControlPlane.shared();
    private final Account account = Account.create(plane);

    /** One request: what was responded, between which instants, and dated when. */
    private record Sample(Instant sentAt, Instant receivedAt, int status, Instant date) {}

    static Stream<Arguments> claims() {
        Duration hour = Duration.ofHours(1);
        return Stream.of(
                claim("nbf", 401, 200, (spec, moment) -> spec.notBefore(moment.plus(LEEWAY))),
                claim(
                        "iat",
                        401,
                        200,
                        (spec, moment) -> spec.issuedAt(moment.plus(LEEWAY)).notBefore(moment.minus(hour))),
                claim(
                        "exp",
                        200,
                        401,
                        (spec, moment) -> spec.issuedAt(moment.minus(hour)).expiresAt(moment.minus(LEEWAY))));
    }

    private static Arguments claim(
            String name, int before, int after, BiFunction<TokenSpec, Instant, TokenSpec> specAt) {
        return Arguments.of(name, before, after, specAt);
    }

    /** The clock of the API server is this machine's. Each request has a new token: one that was accepted is cached. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("claims")
    void theServerChangesItsJudgementExactlyALeewayFromTheClaim(
            String claim, int before, int after, BiFunction<TokenSpec, Instant, TokenSpec> specAt) {
        Instant moment;
        List<Sample> samples;
        do {
            moment = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(2);
            samples = samples(specAt.apply(account.spec(), moment), moment);
        } while (!samples.get(0).receivedAt().isBefore(moment)); // a busy machine has let the moment pass
        Instant changesAt = moment;

        assertThat(samples)
                .filteredOn(sample -> sample.receivedAt().isBefore(changesAt))
                .isNotEmpty()
                .allSatisfy(sample -> assertThat(sample.status()).isEqualTo(before));
        // The server refuses at moment = nbf - leeway no more, and at moment = exp + leeway not yet.
        assertThat(samples)
                .filteredOn(sample -> sample.sentAt().isAfter(changesAt))
                .isNotEmpty()
                .allSatisfy(sample -> assertThat(sample.status()).isEqualTo(after));
        // Decision 2: a response that is dated before the moment was judged before it. The Date is written after that.
        assertThat(samples)
                .filteredOn(sample -> sample.date().isBefore(changesAt))
                .allSatisfy(sample -> assertThat(sample.status()).isEqualTo(before));
        Sample last = samples.stream()
                .filter(sample -> sample.status() == before)
                .reduce((a, b) -> b)
                .orElseThrow();
        Sample first = samples.stream()
                .filter(sample -> sample.status() == after)
                .findFirst()
                .orElseThrow();
        System.out.printf(
                "%s: last %d sent at %+d us, first %d received at %+d us%n",
                claim,
                before,
                ChronoUnit.MICROS.between(moment, last.sentAt()),
                after,
                ChronoUnit.MICROS.between(moment, first.receivedAt()));
    }

    private List<Sample> samples(TokenSpec spec, Instant moment) {
        Api anonymous = plane.apiServer(0).anonymous();
        List<Sample> samples = new ArrayList<>();
        Instant sentAt;
        do {
            Api caller = anonymous.with(plane.files().issue(spec));
            sentAt = Instant.now();
            Api.Response response = caller.get("/api");
            samples.add(new Sample(sentAt, Instant.now(), response.status(), response.date()));
        } while (sentAt.isBefore(moment.plusMillis(20)));
        return samples;
    }

    @Test
    void anAcceptedTokenIsRememberedButNoRefusedOne() {
        List<Integer> statuses = new ArrayList<>();
        Instant start;
        do {
            statuses.clear();
            start = Instant.now();
            Instant moment = start.truncatedTo(ChronoUnit.SECONDS).plusSeconds(2);
            Api ended =
                    caller(account.spec().issuedAt(moment.minusSeconds(3600)).expiresAt(moment.minus(LEEWAY)));
            Api begun = caller(account.spec().notBefore(moment.plus(LEEWAY)));
            statuses.add(ended.get("/api").status());
            statuses.add(begun.get("/api").status());
            if (Instant.now().isBefore(moment)) {
                await().until(() -> begun.get("/api").status() == 200);
                statuses.add(ended.get("/api").status());
            }
        } while (statuses.size() < 3 || Instant.now().isAfter(start.plus(REMEMBERED))); // a busy machine was too late

        assertThat(statuses).containsExactly(200, 401, 200);
    }

    private Api caller(TokenSpec spec) {
        return plane.apiServer(0).with(plane.files().issue(spec));
    }
}
