package io.tokenguardian.concurrent;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Growing pauses between tries that failed: each twice the one before up to a limit, less up to a quarter by chance, so that
 * the guardians of many pods do not try in step.
 */
public final class Backoff {
    /** After a 403: a role may be applied, or may reach the API server's cache, after the pod has started. */
    public static final Backoff FORBIDDEN = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    private static final int MOST_DOUBLINGS = 16;

    private final Duration first;
    private final Duration limit;

    /**
     * @param first the pause after the first failure, before chance shortens it
     * @param limit of all pauses
     */
    public Backoff(Duration first, Duration limit) {
        this.first = first;
        this.limit = limit;
    }

    /**
     * The pause after this many failures in a row.
     *
     * @param failures at least 1
     * @param chance from 0 (inclusive) to 1 (exclusive)
     */
    public Duration pause(int failures, DoubleSupplier chance) {
        Duration doubled = first.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
        Duration pause = doubled.compareTo(limit) < 0 ? doubled : limit;
        return pause.minusNanos((long) (chance.getAsDouble() * pause.toNanos() / 4));
    }
}
