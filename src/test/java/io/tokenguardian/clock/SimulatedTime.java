package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Local time that moves only when a test moves it. The node's clock may be stepped; monotonic time can't. */
public final class SimulatedTime {
    private final Instant start;
    private Duration elapsed = Duration.ZERO;
    private Duration stepped = Duration.ZERO;

    public SimulatedTime(Instant start) {
        this.start = start;
    }

    public LongSupplier nanoTime() {
        return () -> elapsed.toNanos();
    }

    /** The node's clock. */
    public InstantSource wallClock() {
        return () -> start.plus(elapsed).plus(stepped);
    }

    public Timeline timeline() {
        return new Timeline(nanoTime(), wallClock());
    }

    /** True time: what a clock without any offset shows. */
    public Instant now() {
        return start.plus(elapsed);
    }

    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("time does not go back: " + by);
        }
        elapsed = elapsed.plus(by);
    }

    public void advanceTo(Instant instant) {
        if (instant.isAfter(now())) {
            advance(Duration.between(now(), instant));
        }
    }

    /** Sets the node's clock forward, or back. */
    public void stepNodeClock(Duration by) {
        stepped = stepped.plus(by);
    }
}
