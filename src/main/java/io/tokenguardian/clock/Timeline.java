package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Monotonic time as instants: the wall clock's time when the timeline was made, plus the ticks since then.
 *
 * <p>A step of the node's clock does not move the instants measured and predicted on the timeline.
 * {@link #nodeClockShift()} returns how far the node's clock has moved away since the start.
 */
public final class Timeline implements InstantSource {
    private final Ticker ticker;
    private final InstantSource wallClock;
    private final long startTick;
    private final Instant startInstant;

    public Timeline(Ticker ticker, InstantSource wallClock) {
        this.ticker = ticker;
        this.wallClock = wallClock;
        this.startTick = ticker.nanos();
        this.startInstant = wallClock.instant();
    }

    /** A timeline that starts now, on this machine's clocks. */
    public static Timeline system() {
        return new Timeline(Ticker.system(), InstantSource.system());
    }

    @Override
    public Instant instant() {
        return startInstant.plusNanos(ticker.nanos() - startTick);
    }

    /** How far the node's clock is ahead of the timeline now. Zero until the node's clock is stepped or slewed. */
    public Duration nodeClockShift() {
        return Duration.between(instant(), wallClock.instant());
    }

    /** The node's time at an instant of the timeline, past or future, computed with the present shift. */
    public Instant onNodeClock(Instant instant) {
        return instant.plus(nodeClockShift());
    }
}
