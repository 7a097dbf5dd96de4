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

    @ParameterizedTest
    @CsvSource({"-1, false", "0, false", "1, true"})
    void aTokenThatWontBeAcceptableByTheDeadlineIsHopeless(int nanos, boolean hopeless) {
        TokenStatus tokenStatus = TokenStatuses.of(NOW, notYet(DEADLINE.plusNanos(nanos)));

        assertThat(waitPolicy.isHopeless(tokenStatus, NOW)).isEqualTo(hopeless);
        assertThat(waitPolicy.endOfWait(tokenStatus, NOW)).isEqualTo(hopeless ? NOW : DEADLINE);
    }

    @ParameterizedTest
    @CsvSource({"-1, false", "0, true", "1, true"})
    void aRefusalThatHasLastedIsHopeless(int nanos, boolean hopeless) {
        TokenStatus refused = refusedSince(NOW.minusSeconds(10).minusNanos(nanos));

        assertThat(waitPolicy.isHopeless(refused, NOW)).isEqualTo(hopeless);
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
        TokenStatus resumed = TokenStatuses.refusedSince(
                TokenStatuses.resumed(expired, NOW.plusSeconds(resumedAt)), NOW.plusSeconds(refusedSince));

        assertThat(resumed.finalAt(Duration.ofSeconds(10))).isEqualTo(NOW.plusSeconds(120));
    }

    @Test
    void anotherRefusalAfterAGapIsNotAwaitedLonger() {
        TokenStatus refused = TokenStatuses.of(NOW, new Verdict.Refused(ADDRESS, null), EXPIRED);

        assertThat(waitPolicy.endOfWait(TokenStatuses.resumed(refused, NOW), NOW))
                .isEqualTo(NOW.plusSeconds(10));
    }

    @Test
    void aRefusalIsNotAwaitedBeyondTheDeadline() {
        assertThat(waitPolicy.endOfWait(refusedSince(DEADLINE.minusSeconds(1)), NOW))
                .isEqualTo(DEADLINE);
    }

    @Test
    void anyOtherVerdictIsAwaitedUntilTheDeadline() {
        Stream.of(
                        notYet(null),
                        new Verdict.Unreadable("no file"),
                        new Verdict.Unreachable("no answer"),
                        new Verdict.Pending())
                .forEach(verdict -> assertThat(ends(verdict)).isEqualTo(DEADLINE));
    }

    private static TokenStatus refusedSince(Instant since) {
        return TokenStatuses.refusedSince(TokenStatuses.of(NOW, new Verdict.Refused(ADDRESS, null)), since);
    }

    private Instant ends(Verdict verdict) {
        return waitPolicy.endOfWait(TokenStatuses.of(NOW, verdict), NOW);
    }

    private static Verdict notYet(@Nullable Instant after) {
        Instant by = after == null ? null : after.plusMillis(20);
        return new Verdict.NotYetValid(ADDRESS, null, NOW, after, by, null);
    }
}
