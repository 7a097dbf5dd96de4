package io.tokenguardian.standin;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A base clock that moves only when it is set. */
final class SimulatedTime implements InstantSource {

    private volatile Instant now;

    SimulatedTime(Instant start) {
        this.now = start;
    }

    @Override
    public Instant instant() {
        return now;
    }

    void set(Instant instant) {
        now = instant;
    }

    void advance(Duration duration) {
        now = now.plus(duration);
    }
}
