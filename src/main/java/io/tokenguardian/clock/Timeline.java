package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Monotonic time written as instants: the wall clock's reading when the time line was made, carried on by the ticker.
 *
 * <p>What is measured and predicted on it is not moved by a step of the node's clock; {@link #nodeClockShift()} says
 * how far the two have come apart since.
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

    /** A time line that starts now on this machine's clocks. */
    public static Timeline system() {
        return new Timeline(Ticker.system(), InstantSource.system());
    }

    @Override
    public Instant instant() {
        return startInstant.plusNanos(ticker.nanos() - startTick);
    }

    /** How far the node's clock is ahead of the time line now; zero until the node's clock is stepped or slewed. */
    public Duration nodeClockShift() {
        return Duration.between(instant(), wallClock.instant());
    }

    /** What the node's clock shows, or showed, or will show when nothing steps it, at an instant of the time line. */
    public Instant onNodeClock(Instant instant) {
        return instant.plus(nodeClockShift());
    }
}
