package io.tokenguardian.concurrent;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Pauses between failed attempts, which double up to a limit. A random part of up to a quarter is subtracted, so that
 * the guardians of many pods do not retry in step.
 */
public final class Backoff {
    /** After a 403. RBAC rules may be applied, or may reach the API server's cache, only after the pod has started. */
    public static final Backoff FORBIDDEN = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    private static final int MOST_DOUBLINGS = 16;

    private final Duration first;
    private final Duration limit;

    /** {@code first} and {@code limit} apply before the random part is subtracted. */
    public Backoff(Duration first, Duration limit) {
        this.first = first;
        this.limit = limit;
    }

    /** {@code failures} is at least 1; {@code chance} returns a random number from 0 (inclusive) to 1 (exclusive). */
    public Duration pause(int failures, DoubleSupplier chance) {
        Duration doubled = first.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
        Duration pause = doubled.compareTo(limit) < 0 ? doubled : limit;
        return shortened(pause, chance);
    }

    /** Returns {@code pause} less a random part of up to a quarter. */
    private static Duration shortened(Duration pause, DoubleSupplier chance) {
        return pause.minusNanos((long) (chance.getAsDouble() * pause.toNanos() / 4));
    }

    /** Returns {@code pause}, which a server has requested, plus a random part of up to half of it. */
    public static Duration lengthened(Duration pause, DoubleSupplier chance) {
        return pause.plusNanos((long) (chance.getAsDouble() * pause.toNanos() / 2));
    }
}
