package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Monotonic time as instants: the wall-clock time at which the timeline was created, plus the monotonic time since
 * then. A step of the node's clock does not change measured or predicted instants.
 */
public final class Timeline implements InstantSource {
    private final LongSupplier nanoTime;
    private final InstantSource wallClock;
    private final long startNanos;
    private final Instant startInstant;

    /** @param nanoTime monotonic time in nanoseconds. Its zero is arbitrary, because only differences are used */
    public Timeline(LongSupplier nanoTime, InstantSource wallClock) {
        this.nanoTime = nanoTime;
        this.wallClock = wallClock;
        this.startNanos = nanoTime.getAsLong();
        this.startInstant = wallClock.instant();
    }

    public static Timeline system() {
        return new Timeline(System::nanoTime, InstantSource.system());
    }

    public Instant start() {
        return startInstant;
    }

    @Override
    public Instant instant() {
        return startInstant.plusNanos(nanoTime.getAsLong() - startNanos);
    }

    /**
     * Returns how far the node's clock is ahead of the timeline: zero until it is stepped or slewed. The result varies
     * slightly, because the two clocks are read one after the other.
     */
    public Duration nodeClockShift() {
        return Duration.between(instant(), wallClock.instant());
    }

    /** Converts a past or future instant of the timeline to the node's clock, using the current shift. */
    public Instant onNodeClock(Instant instant) {
        return instant.plus(nodeClockShift());
    }
}
