package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.verdict.EndedProbe;
import io.tokenguardian.verdict.Series;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pauses, in milliseconds after noon. Each probe is sent two milliseconds before its result. */
class PausesTest {
    private static final Instant FROM = NOON.minusSeconds(10);
    private static final Verdict.Accepted ACCEPTANCE = new Verdict.Accepted(NOON, null);

    private double chance;
    private final Pauses pauses = new Pauses(() -> chance);

    private void fail(long millis) {
        respond(Finding.UNREACHABLE, millis, null);
    }

    private void respond(Finding finding, long millis, @Nullable Duration retryAfter) {
        Instant at = NOON.plusMillis(millis);
        ProbeOutcome outcome = new ProbeOutcome.Unavailable("no answer", retryAfter);
        ProbeResult result = new ProbeResult("", outcome, null, List.of(), at.minusMillis(2), at, null);
        pauses.takeResponse(new EndedProbe(0, true, true, result), finding);
    }

    private void refuse(int inARow, boolean counts) {
        pauses.takeRefusal(NOON, refusal(inARow, counts));
    }

    private static Series.Refusal refusal(int inARow, boolean counts) {
        return new Series.Refusal(new Verdict.Refused("", "a"), "a", inARow, counts);
    }

    private void accept(int confirmed, Verdict.@Nullable Accepted accepted, Series.@Nullable Refusal refusal) {
        pauses.takeAcceptance(NOON, new Series(confirmed, accepted, 1, refusal, null));
    }

    private long end() {
        return Duration.between(NOON, pauses.end()).toMillis();
    }

    @ParameterizedTest
    @CsvSource({"1, 251", "2, 502", "3, 503"})
    void failuresOfConcurrentProbesCountAsOne(long millis, long end) {
        fail(0);
        fail(millis);

        assertThat(end()).isEqualTo(end);
        assertThat(pauses.silenceEnd()).isEqualTo(pauses.end());
    }

    @Test
    void aFailureAfterARefusalCountsForItself() {
        fail(0);
        refuse(1, true);
        fail(1);

        assertThat(end()).isEqualTo(1_001);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, false"})
    void aResponseToALaterProbeEndsTheSilence(long millis, boolean silent) {
        fail(0);
        respond(Finding.ACCEPTED, millis, null);

        assertThat(pauses.silenceEnd().isAfter(NOON)).isEqualTo(silent);
    }

    @Test
    void thePausesAfterFailuresAreShorterBesideAcceptances() {
        for (int i = -5; i < 0; i++) {
            fail(10L * i);
        }
        accept(1, null, null);
        fail(0);
        assertThat(end()).isEqualTo(2_000);

        accept(4, ACCEPTANCE, null);
        fail(0);
        assertThat(end()).isEqualTo(250);
    }

    @ParameterizedTest
    @CsvSource({"1, true, 1000", "3, true, 4000", "6, true, 30000", "1, false, 20"})
    void aRefusalIsFollowedByADoublingPauseUnlessItIsToBeConfirmed(int inARow, boolean counts, long end) {
        refuse(inARow, counts);

        assertThat(end()).isEqualTo(end);
    }

    @ParameterizedTest
    @CsvSource({"0, 4000", "1, 2000", "2, 0"})
    void theFirstAcceptanceDuringARefusalKeepsItsPause(int confirmed, long end) {
        refuse(2, true);

        accept(confirmed, null, refusal(3, true));

        assertThat(end()).isEqualTo(end);
    }

    @ParameterizedTest
    @CsvSource({"-1, 0, 0", "0, 20, 40", ", 250, 500"})
    void onlyARefusalWhoseEndIsKnownHasNoPause(@Nullable Integer secondsAfterFrom, long first, long second) {
        Instant date = secondsAfterFrom == null ? null : FROM.plusSeconds(secondsAfterFrom);

        pauses.takeNotYetValid(NOON, date, FROM);
        assertThat(end()).isEqualTo(first);
        pauses.takeNotYetValid(NOON, date, FROM);
        assertThat(end()).isEqualTo(second);
    }

    @Test
    void theLongestRequestedPauseIsLengthenedAtRandom() {
        chance = 0.5;
        respond(Finding.ACCEPTED, 0, Duration.ofSeconds(8));
        respond(Finding.UNREACHABLE, 0, Duration.ofSeconds(1));

        assertThat(pauses.retryAfter()).isEqualTo(NOON.plusSeconds(10));
    }
}
