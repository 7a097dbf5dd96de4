package io.tokenguardian.proxy.upstream;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;

/**
 * When a replica begins to accept a token: the interval, in nanoseconds on the monotonic clock, in which its clock
 * reaches {@code from}, the start of the token's validity window. The replica read its clock between t0 (request sent)
 * and t1 (response arrived). {@code Date} D is that reading, truncated to whole seconds (docs/api-server.md, 401
 * responses). The replica's clock therefore reaches {@code from} later than {@code t0 + (from − D) − 1 s} and no later
 * than {@code t1 + (from − D)}.
 *
 * @param earliest the time before which the replica is certain to refuse the token
 * @param latest the time from which the replica is certain not to refuse the token as not yet valid
 */
public record ValidityStart(long earliest, long latest) {

    /** Narrower intervals are not narrowed further, because that would take more requests than it saves. */
    static final long PRECISE = Duration.ofMillis(20).toNanos();

    /** The pause between requests inside the interval. The goal is a response within 50 ms of the start. */
    static final long STEP = Duration.ofMillis(10).toNanos();

    /** The pause inside an interval that is still wide, because too little time was left to narrow it. */
    static final long WIDE_STEP = Duration.ofMillis(25).toNanos();

    static final Comparator<ValidityStart> BY_LATEST = (a, b) -> Long.signum(a.latest - b.latest);

    private static final long SECOND = 1_000_000_000L;

    public static ValidityStart of(Instant from, Instant date, long sentAt, long arrivedAt) {
        long secondsLeft = Math.min(from.getEpochSecond() - date.getEpochSecond(), Integer.MAX_VALUE);
        long left = secondsLeft * SECOND;
        return new ValidityStart(sentAt + left - SECOND, arrivedAt + left);
    }

    /** Returns the intersection. If it is empty, the replica's clock was stepped, and {@code newer} is returned. */
    ValidityStart narrowedBy(ValidityStart newer) {
        long from = Math.max(earliest, newer.earliest);
        long to = Math.min(latest, newer.latest);
        return from <= to ? new ValidityStart(from, to) : newer;
    }

    /**
     * Returns when to send the next request to this replica. A request that is sent a whole number of seconds before
     * the middle of the interval halves it: the {@code Date} of the response shows which half contains the start. About
     * six requests, a second apart, narrow the interval before it begins.
     *
     * @param now when the last response arrived
     */
    long nextAttempt(long now) {
        long width = latest - earliest;
        long middle = earliest + width / 2;
        long wholeSeconds = (middle - now - STEP) / SECOND;
        if (width > PRECISE && wholeSeconds >= 1) {
            return middle - wholeSeconds * SECOND;
        }
        return Math.max(now + (width > 4 * PRECISE ? WIDE_STEP : STEP), earliest);
    }
}
