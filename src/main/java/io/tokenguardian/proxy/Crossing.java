package io.tokenguardian.proxy;

import java.time.Duration;
import java.time.Instant;

/**
 * Between which two moments one replica's clock passes the token's {@code from}, on the monotonic clock in
 * nanoseconds. {@code Date} D is whole seconds, truncated (docs/api-server.md, 401 responses), and was read between the
 * request's sending t0 and the answer's arrival t1, so that the moment lies after {@code t0 + (from − D) − 1 s} and not
 * after {@code t1 + (from − D)}. Further answers of the same replica narrow it.
 *
 * @param earliest before this moment the replica certainly refuses
 * @param latest from this moment on it certainly does not refuse for being early
 */
record Crossing(long earliest, long latest) {

    /** Once it is known this well, narrowing it further would cost more questions than it saves. */
    static final long PRECISE = Duration.ofMillis(20).toNanos();

    /** Between two questions while the moment may come: goal is an answer within 50 ms of it. */
    static final long STEP = Duration.ofMillis(10).toNanos();

    /** The same when there was no time to narrow the second in which it comes. */
    static final long WIDE_STEP = Duration.ofMillis(25).toNanos();

    private static final long SECOND = 1_000_000_000L;

    /** What one refusal tells: sent at {@code sentAt}, arrived at {@code arrivedAt}, dated {@code date}. */
    static Crossing of(Instant from, Instant date, long sentAt, long arrivedAt) {
        long secondsLeft = Math.min(from.getEpochSecond() - date.getEpochSecond(), Integer.MAX_VALUE);
        long left = secondsLeft * SECOND;
        return new Crossing(sentAt + left - SECOND, arrivedAt + left);
    }

    /** Both together; a contradiction, which takes a step of the replica's clock, leaves the newer one alone. */
    Crossing narrowedBy(Crossing newer) {
        long from = Math.max(earliest, newer.earliest);
        long to = Math.min(latest, newer.latest);
        return from <= to ? new Crossing(from, to) : newer;
    }

    /**
     * When to ask this replica next. A question asked a whole number of seconds before the middle halves what is
     * left: its {@code Date} says on which side the moment lies. So half a dozen questions, a second apart and before
     * the moment, do what would otherwise take one every few milliseconds of the second in which it comes.
     *
     * @param now when the last answer came
     */
    long nextQuestion(long now) {
        long width = latest - earliest;
        long middle = earliest + width / 2;
        long wholeSeconds = (middle - now - STEP) / SECOND;
        if (width > PRECISE && wholeSeconds >= 1) {
            return middle - wholeSeconds * SECOND;
        }
        return Math.max(now + (width > 4 * PRECISE ? WIDE_STEP : STEP), earliest);
    }
}
