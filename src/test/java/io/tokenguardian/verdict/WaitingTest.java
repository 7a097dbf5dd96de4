package io.tokenguardian.verdict;

import static io.tokenguardian.verdict.ProbeResults.FROM;
import static io.tokenguardian.verdict.ProbeResults.NOW;
import static io.tokenguardian.verdict.ProbeResults.WINDOW;
import static io.tokenguardian.verdict.ProbeResults.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The last refusal arrived at {@code NOW}. */
class WaitingTest {
    private static final Instant PAUSE_END = NOW.plusSeconds(7);
    private static final Waiting UNDATED = waiting(null, 1, NOW, null);

    /** Returns a wait after refusals a second apart, which do not narrow the estimate. */
    private static Waiting behind(int connection, long seconds, int refusals) {
        Waiting waiting = null;
        for (int i = refusals - 1; i >= 0; i--) {
            waiting = waiting(waiting, connection, NOW.minusSeconds(i), FROM.minusSeconds(seconds + i));
        }
        return Objects.requireNonNull(waiting);
    }

    /** Returns a wait after the clock has jumped forward so many times. */
    private static Waiting jumping(int steps, long secondsBehind) {
        Waiting waiting = null;
        for (int left = steps; left >= 0; left--) {
            waiting = waiting(waiting, 1, NOW, FROM.minusSeconds(secondsBehind + 1_000L * left));
        }
        return Objects.requireNonNull(waiting);
    }

    private static Instant next(Waiting waiting, Instant now) {
        return waiting.nextProbe(WINDOW, PAUSE_END, now);
    }

    private static Waiting lost(Waiting waiting) {
        return waiting.afterNoAnswer(false, WINDOW, NOW, Instant.MIN);
    }

    private static Instant acceptsBy(Waiting waiting) {
        return Objects.requireNonNull(waiting.acceptsBy(WINDOW));
    }

    @ParameterizedTest
    @CsvSource({"7, true", "8, false", "9, false"})
    void theClockIsNarrowedEverySecondUntilEightSamples(int refusals, boolean soon) {
        assertThat(next(behind(0, 600, refusals), NOW).isBefore(NOW.plusSeconds(1)))
                .isEqualTo(soon);
    }

    @ParameterizedTest
    @CsvSource({"45, 20", "75, 25", "150, 50", "190, 60", "9000, 60"})
    void aLongWaitIsProbedAfterAThirdOfTheTimeLeft(long seconds, long gap) {
        assertThat(next(behind(0, seconds, 8), NOW).minusSeconds(gap)).isBetween(NOW, NOW.plusMillis(400));
    }

    @Test
    void aReplicaThatMayAcceptIsProbedEvery20Milliseconds() {
        Waiting soon = behind(0, 5, 8);

        assertThat(next(soon, NOW)).isEqualTo(soon.standing().acceptsFrom(WINDOW));
        assertThat(next(behind(0, 1, 8), NOW)).isEqualTo(NOW.plusMillis(20));
    }

    @ParameterizedTest
    @CsvSource({"-1, true", "0, true", "1, false"})
    void aConnectionThatShowsNothingIsKeptUntilTheWindowIsReached(int nanos, boolean open) {
        Waiting waiting = behind(0, 5, 8);

        Waiting after = waiting.afterNoAnswer(true, WINDOW, acceptsBy(waiting).plusNanos(nanos), PAUSE_END);

        assertThat(after.open()).isEqualTo(open);
    }

    @Test
    void aConnectionThatShowsNothingIsKeptIfTheClockIsNotKnown() {
        assertThat(UNDATED.afterNoAnswer(true, WINDOW, Instant.MAX, PAUSE_END).open())
                .isTrue();
    }

    @Test
    void aJumpingClockIsProbedAsInALongWait() {
        assertThat(next(jumping(2, 100), NOW)).isBefore(NOW.plusSeconds(1));
        assertThat(next(jumping(3, 100), NOW)).isAfter(NOW.plusSeconds(33));
        assertThat(next(jumping(3, 5), NOW)).isEqualTo(acceptsBy(jumping(3, 5)));
    }

    @ParameterizedTest
    @CsvSource({"-1, false", "0, true", "1, true"})
    void aReplicaThatShouldAcceptIsProbedAfterThePause(int nanos, boolean paused) {
        Waiting waiting = behind(0, 1, 8);

        assertThat(next(waiting, acceptsBy(waiting).plusNanos(nanos)).equals(PAUSE_END))
                .isEqualTo(paused);
        assertThat(next(UNDATED, NOW)).isEqualTo(PAUSE_END);
    }

    @ParameterizedTest
    @CsvSource({"-1, true", "0, false", "1, false"})
    void aLostReplicaIsOutstandingUntilItCertainlyAccepts(int nanos, boolean outstanding) {
        Waiting waiting = behind(0, 100, 1);
        Instant now = acceptsBy(waiting).plusNanos(nanos);

        assertThat(waiting.isOutstanding(WINDOW, now)).isTrue();
        assertThat(lost(waiting).isOutstanding(WINDOW, now)).isEqualTo(outstanding);
        assertThat(next(lost(waiting), NOW)).isEqualTo(Instant.MAX);
        assertThat(UNDATED.isOutstanding(WINDOW, now)).isTrue();
        assertThat(lost(UNDATED).isOutstanding(WINDOW, NOW)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"98, false", "99, true", "100, true", "101, true", "102, false"})
    void aReplicaIsKnownByItsCertificateAndClock(int seconds, boolean known) {
        Waiting other = behind(1, seconds, 1);

        assertThat(behind(0, 100, 1).isLikelyKnownAs(other, NOW)).isEqualTo(known);
        assertThat(of("b", other).isLikelyKnownAs(behind(0, 100, 1), NOW)).isFalse();
        assertThat(of(null, other).isLikelyKnownAs(of(null, behind(0, 100, 1)), NOW))
                .isFalse();
        assertThat(other.isLikelyKnownAs(other, NOW)).isFalse();
    }

    private static Waiting of(@Nullable String certificate, Waiting waiting) {
        return new Waiting(
                waiting.connection(), waiting.address(), certificate, waiting.standing(), Instant.MIN, waiting.open());
    }

    @Test
    void aLostConnectionReplacesNoOpenConnection() {
        Waiting other = behind(1, 100, 1);

        assertThat(behind(0, 100, 1).isLikelyKnownAs(lost(other), NOW)).isFalse();
        assertThat(lost(behind(0, 100, 1)).isLikelyKnownAs(lost(other), NOW)).isTrue();
    }

    @Test
    void withoutBothClocksOrBesideAJumpingClockTheCertificateDecides() {
        Waiting dated = behind(0, 100, 1);

        assertThat(dated.isLikelyKnownAs(UNDATED, NOW)).isTrue();
        assertThat(UNDATED.isLikelyKnownAs(dated, NOW)).isTrue();
        assertThat(dated.isLikelyKnownAs(jumping(3, 5), NOW)).isTrue();
        assertThat(dated.isLikelyKnownAs(jumping(2, 5), NOW)).isFalse();
    }
}
