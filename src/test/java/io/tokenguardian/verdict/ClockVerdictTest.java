package io.tokenguardian.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Clocks that were read at noon, without a round trip. Each is known to within a second. For each second since then,
 * the uncertainty grows by a ten-thousandth of a second.
 */
class ClockVerdictTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration TICK = Duration.ofNanos(1);
    private static final KnownReplica RIGHT = replica("right", Duration.ZERO);
    private static final KnownReplica BEHIND = replica("behind", Duration.ofSeconds(-75));
    private static final KnownReplica AHEAD = replica("ahead", Duration.ofSeconds(75));
    private static final KnownReplica HIDDEN =
            new KnownReplica("hidden", null, List.of(), null, Finding.UNREACHABLE, null, NOON);

    private static final Instant FROM = NOON.plusSeconds(100);
    private static final Instant UNTIL = NOON.plusSeconds(1_000);
    private static final ValidityWindow WINDOW = new ValidityWindow(FROM, UNTIL);

    @Test
    void theVerdictIsPendingWhileNoClockIsKnown() {
        assertThat(judge(WINDOW, NOON)).isEqualTo(new Verdict.Pending());
        assertThat(judge(WINDOW, NOON, HIDDEN)).isEqualTo(new Verdict.Pending());
    }

    @Test
    void acceptanceBeginsWhenEveryClockHasCertainlyReachedTheWindow() {
        Instant latest = clock(BEHIND).latest(FROM);

        assertThat(judge(WINDOW, latest.minus(TICK), RIGHT, BEHIND, AHEAD))
                .isInstanceOfSatisfying(Verdict.NotYetValid.class, notYet -> {
                    assertThat(notYet.address()).isEqualTo("behind");
                    assertThat(notYet.from()).isEqualTo(FROM);
                    assertThat(notYet.acceptableBy()).isEqualTo(latest);
                });
        assertThat(judge(WINDOW, latest, RIGHT, BEHIND, AHEAD)).isEqualTo(new Verdict.Accepted(latest, null));
        assertThat(latest).isBetween(FROM.plusSeconds(75), FROM.plusSeconds(75).plusMillis(20));
    }

    @Test
    void acceptanceEndsWhenAnyClockMayHaveLeftTheWindow() {
        Instant earliest = clock(AHEAD).earliest(UNTIL);

        assertThat(judge(WINDOW, earliest.minus(TICK), RIGHT, BEHIND, AHEAD)).isInstanceOf(Verdict.Accepted.class);
        assertThat(judge(WINDOW, earliest, RIGHT, BEHIND, AHEAD))
                .isEqualTo(new Verdict.Expired("ahead", "ahead", UNTIL));
        assertThat(Judge.leavesAt(WINDOW, List.of(RIGHT, AHEAD, HIDDEN))).isEqualTo(earliest);
        // The clock is known to within a second, so it may be ahead by 76 s.
        assertThat(earliest).isBetween(UNTIL.minusSeconds(76).minusMillis(100), UNTIL.minusSeconds(76));
    }

    @Test
    void acceptanceBeginsNoEarlierThanTheTokenWasFirstSeen() {
        Instant since = NOON.plusSeconds(500);

        assertThat(Judge.byClocks(WINDOW, List.of(RIGHT), since, since)).isEqualTo(new Verdict.Accepted(since, null));
    }

    @Test
    void aTokenWithoutTimesIsAlwaysAccepted() {
        ValidityWindow always = new ValidityWindow(null, null);

        assertThat(judge(always, NOON, BEHIND)).isEqualTo(new Verdict.Accepted(NOON, null));
        assertThat(Judge.leavesAt(always, List.of(BEHIND))).isEqualTo(Instant.MAX);
    }

    private static Verdict judge(ValidityWindow window, Instant now, KnownReplica... replicas) {
        return Judge.byClocks(window, List.of(replicas), NOON, now);
    }

    private static KnownReplica replica(String address, Duration offset) {
        ClockEstimate clock = ClockEstimate.of(new Sample(NOON, NOON, NOON.plus(offset)));
        return new KnownReplica(address, address, List.of(), clock, Finding.ACCEPTED, null, NOON);
    }

    private static ClockEstimate clock(@Nullable KnownReplica replica) {
        if (replica == null || replica.clock() == null) {
            throw new AssertionError("a replica without a clock");
        }
        return replica.clock();
    }
}
