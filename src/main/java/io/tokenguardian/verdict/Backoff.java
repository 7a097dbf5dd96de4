package io.tokenguardian.verdict;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Growing pauses between questions that did not help: each twice the one before up to a limit, less up to a quarter by
 * chance, so that the guardians of many pods do not ask in step.
 */
public final class Backoff {
    /** After a refusal that time heals, when the moment should have come: an answer that crossed the second. */
    static final Backoff CROSSING = new Backoff(Duration.ofMillis(20), Duration.ofSeconds(10));

    /** After no answer. */
    static final Backoff UNREACHABLE = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10));

    /** After a refusal that time does not heal. */
    static final Backoff REFUSED = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    private static final int MOST_DOUBLINGS = 16;

    private final Duration first;
    private final Duration limit;

    private Backoff(Duration first, Duration limit) {
        this.first = first;
        this.limit = limit;
    }

    /**
     * The pause after this many setbacks in a row.
     *
     * @param setbacks at least 1
     * @param chance from 0 (inclusive) to 1 (exclusive)
     */
    Duration pause(int setbacks, DoubleSupplier chance) {
        Duration doubled = first.multipliedBy(1L << Math.min(setbacks - 1, MOST_DOUBLINGS));
        Duration pause = doubled.compareTo(limit) < 0 ? doubled : limit;
        return pause.minusNanos((long) (chance.getAsDouble() * pause.toNanos() / 4));
    }
}
