package io.tokenguardian.concurrent;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Growing pauses between failed attempts. Each pause is twice the pause before, up to a limit. A random part of up to a
 * quarter is taken off, so that the guardians of many pods do not retry in step.
 */
public final class Backoff {
    /** For a 403: RBAC rules may be applied, or reach the API server's cache, after the pod has started. */
    public static final Backoff FORBIDDEN = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    private static final int MOST_DOUBLINGS = 16;

    private final Duration first;
    private final Duration limit;

    /**
     * @param first the pause after the first failure, before the random part is taken off
     * @param limit the longest pause, before the random part is taken off
     */
    public Backoff(Duration first, Duration limit) {
        this.first = first;
        this.limit = limit;
    }

    /**
     * The pause after this many failures in a row.
     *
     * @param failures at least 1
     * @param chance returns a random number from 0 (inclusive) to 1 (exclusive)
     */
    public Duration pause(int failures, DoubleSupplier chance) {
        Duration doubled = first.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
        Duration pause = doubled.compareTo(limit) < 0 ? doubled : limit;
        return pause.minusNanos((long) (chance.getAsDouble() * pause.toNanos() / 4));
    }
}
