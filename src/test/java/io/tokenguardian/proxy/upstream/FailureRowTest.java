package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.proxy.http.ProxyFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The pauses between failed attempts, in simulated time. */
class FailureRowTest {

    private static final long MILLISECOND = Duration.ofMillis(1).toNanos();
    private static final ConnectionFault FAULT = new ConnectionFault(ProxyFault.UPSTREAM_UNREACHABLE, "refused", false);

    private double chance;
    private long now;
    private final FailureRow row = new FailureRow(() -> chance, now);

    /** Begins an attempt, which fails a millisecond later. */
    private void fail() {
        long begun = now;
        row.begun(begun);
        now += MILLISECOND;
        row.failed(FAULT, begun, now);
    }

    /** Fails this many times, each time after the pause. Returns the pauses in milliseconds. */
    private List<Long> pauses(int failures) {
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < failures; i++) {
            fail();
            pauses.add(row.opensIn(now) / MILLISECOND);
            now += row.opensIn(now);
        }
        return pauses;
    }

    @Test
    void withoutAFailureNothingWaits() {
        row.begun(now);

        assertThat(row.opensIn(now)).isZero();
    }

    @Test
    void thePausesDoubleFrom50MillisecondsTo2Seconds() {
        assertThat(pauses(8)).containsExactly(50L, 100L, 200L, 400L, 800L, 1_600L, 2_000L, 2_000L);
    }

    @Test
    void aPauseMayBeAnyPartOfItsMaximum() {
        chance = 0.75;
        assertThat(pauses(3)).containsExactly(12L, 25L, 50L);

        chance = 0.999_999_999;
        assertThat(pauses(1)).containsExactly(0L);
    }

    @Test
    void aResponseEndsTheRow() {
        pauses(5);
        fail();

        row.responded(now);

        assertThat(row.opensIn(now)).isZero();
        assertThat(pauses(1)).containsExactly(50L);
    }

    @Test
    void manyAttemptsThatFailTogetherCountOnce() {
        now += MILLISECOND;
        for (int i = 1; i <= 64; i++) {
            row.failed(FAULT, 0, now + i);
        }
        now += 64;

        assertThat(row.opensIn(now)).isLessThanOrEqualTo(50 * MILLISECOND);
        assertThat(row.failures()).isEqualTo(64);
    }

    @Test
    void anAttemptThatBeganAsTheLastOneFailedLengthensTheRow() {
        fail();
        long begun = now;

        row.failed(FAULT, begun, now);

        assertThat(row.opensIn(now)).isEqualTo(100 * MILLISECOND);
    }

    @Test
    void anAttemptThatBeganBeforeTheLastResponseBeginsNoRow() {
        now += 1;
        row.responded(now);

        row.failed(FAULT, now - 1, now + MILLISECOND);

        assertThat(row.opensIn(now)).isZero();
    }

    @Test
    void anAttemptInARowDelaysTheNext() {
        fail();
        now += row.opensIn(now);

        row.begun(now);

        assertThat(row.opensIn(now)).isEqualTo(50 * MILLISECOND);
    }

    /** Opens and proves a connection, which ends before the response to its first request. */
    private void lose() {
        long opened = now;
        row.begun(opened);
        now += MILLISECOND;
        row.responded(now);
        now += MILLISECOND;
        row.lost(opened, now);
    }

    @Test
    void aLostResponseLengthensTheRowThoughProofsGetTheirs() {
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            lose();
            pauses.add(row.opensIn(now) / MILLISECOND);
            now += row.opensIn(now);
        }

        assertThat(pauses).containsExactly(50L, 100L, 200L, 400L);
    }

    @Test
    void responsesThatAreLostTogetherCountOnce() {
        long opened = now;
        row.responded(now + MILLISECOND);
        for (int i = 2; i <= 64; i++) {
            row.lost(opened, now + i);
        }
        now += 64;

        assertThat(row.opensIn(now)).isBetween(49 * MILLISECOND, 50 * MILLISECOND);
    }

    @Test
    void aResponseToARequestEndsARowWithALostResponse() {
        lose();
        lose();

        assertThat(row.served()).isTrue();

        assertThat(row.opensIn(now)).isZero();
        assertThat(pauses(1)).containsExactly(50L);
    }

    @Test
    void aResponseToARequestDoesNotEndARowInWhichNoneWasLost() {
        fail();

        assertThat(row.served()).isFalse();

        assertThat(row.opensIn(now)).isEqualTo(50 * MILLISECOND);
    }
}
