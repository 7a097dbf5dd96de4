package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitPolicyTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant DEADLINE = NOW.plusSeconds(60);
    private static final String ADDRESS = "10.96.0.1:443";
    private static final Token EXPIRED =
            TestTokens.issuedAt(NOW.minus(Duration.ofDays(400))).token();
    private final WaitPolicy waitPolicy = new WaitPolicy(DEADLINE, Duration.ofSeconds(10), AcceptedBy.EVERY);

    @Test
    void anAcceptedTokenEndsTheWaitAtOnce() {
        assertThat(ends(new Verdict.Accepted(NOW, null))).isEqualTo(NOW);
    }

    @Test
    void aTokenThatMayBeAcceptableAtTheDeadlineIsAwaited() {
        assertThat(ends(notYet(DEADLINE))).isEqualTo(DEADLINE);
    }

    @Test
    void aTokenThatWontBeAcceptableByTheDeadlineEndsTheWaitAtOnce() {
        assertThat(ends(notYet(DEADLINE.plusNanos(1)))).isEqualTo(NOW);
    }

    @Test
    void aTokenWithAnUnknownAcceptanceTimeIsAwaited() {
        assertThat(ends(notYet(null))).isEqualTo(DEADLINE);
    }

    @Test
    void aRefusalThatOutlastsAYoungTokensAgeEndsTheWait() {
        assertThat(waitPolicy.endOfWait(refusedSince(NOW.minusSeconds(4)), NOW)).isEqualTo(NOW.plusSeconds(6));
    }

    /** The API server may be reachable again only later, and a computer may sleep again. */
    @ParameterizedTest
    @CsvSource({"0, 0", "-5, 0", "0, -5"})
    void anExpiryInAGapIsAwaitedForTwoMinutes(int resumedAt, int refusedSince) {
        TokenStatus expired = TokenStatuses.of(NOW, new Verdict.Expired(ADDRESS, null, NOW), EXPIRED);
        StatusHistory history = new StatusHistory(
                TokenStatuses.resumed(expired, NOW.plusSeconds(resumedAt)), NOW.plusSeconds(refusedSince));

        assertThat(history.finalAt(Duration.ofSeconds(10))).isEqualTo(NOW.plusSeconds(120));
    }

    @Test
    void anotherRefusalAfterAGapIsNotAwaitedLonger() {
        TokenStatus refused = TokenStatuses.of(NOW, new Verdict.Refused(ADDRESS), EXPIRED);
        StatusHistory history = new StatusHistory(TokenStatuses.resumed(refused, NOW), NOW);

        assertThat(waitPolicy.endOfWait(history, NOW)).isEqualTo(NOW.plusSeconds(10));
    }

    @Test
    void aRefusalIsNotAwaitedBeyondTheDeadline() {
        assertThat(waitPolicy.endOfWait(refusedSince(DEADLINE.minusSeconds(1)), NOW))
                .isEqualTo(DEADLINE);
    }

    @Test
    void aMissingFileOrASilentApiServerIsAwaitedUntilTheDeadline() {
        assertThat(ends(new Verdict.Unreadable("no file"))).isEqualTo(DEADLINE);
        assertThat(ends(new Verdict.Unreachable("no answer"))).isEqualTo(DEADLINE);
        assertThat(ends(new Verdict.Pending())).isEqualTo(DEADLINE);
    }

    @Test
    void aTokenThatMayBeAcceptableAtTheDeadlineIsNotHopeless() {
        assertThat(waitPolicy.isHopeless(new StatusHistory(TokenStatuses.of(NOW, notYet(DEADLINE)), null), NOW))
                .isFalse();
    }

    @Test
    void aTokenThatWontBeAcceptableByTheDeadlineIsHopeless() {
        assertThat(waitPolicy.isHopeless(
                        new StatusHistory(TokenStatuses.of(NOW, notYet(DEADLINE.plusNanos(1))), null), NOW))
                .isTrue();
    }

    @Test
    void aRefusalIsNotHopelessBeforeItHasLasted() {
        assertThat(waitPolicy.isHopeless(refusedSince(NOW.minusSeconds(10).plusNanos(1)), NOW))
                .isFalse();
    }

    @Test
    void aRefusalIsHopelessAfterItHasLasted() {
        assertThat(waitPolicy.isHopeless(refusedSince(NOW.minusSeconds(10)), NOW))
                .isTrue();
    }

    @Test
    void anAcceptedTokenAMissingFileOrASilentApiServerIsNotHopeless() {
        Stream.of(
                        new Verdict.Accepted(NOW, null),
                        new Verdict.Unreadable("no file"),
                        new Verdict.Unreachable("no answer"),
                        new Verdict.Pending())
                .forEach(verdict -> assertThat(new WaitPolicy(NOW, Duration.ZERO, AcceptedBy.EVERY)
                                .isHopeless(new StatusHistory(TokenStatuses.of(NOW, verdict), null), NOW))
                        .isFalse());
    }

    private static StatusHistory refusedSince(Instant since) {
        return new StatusHistory(TokenStatuses.of(NOW, new Verdict.Refused(ADDRESS)), since);
    }

    private Instant ends(Verdict verdict) {
        return waitPolicy.endOfWait(new StatusHistory(TokenStatuses.of(NOW, verdict), null), NOW);
    }

    private static Verdict notYet(@Nullable Instant after) {
        Instant by = after == null ? null : after.plusMillis(20);
        return new Verdict.NotYetValid(ADDRESS, null, NOW, after, by, null);
    }
}
