package io.tokenguardian.clock;

import java.time.Duration;

/** Durations as numbers, for people and metrics. */
public final class Seconds {
    private Seconds() {}

    /** Not by way of nanoseconds, which hold no more than 292 years: a token may claim any, and a clock show it. */
    public static double of(Duration duration) {
        return duration.getSeconds() + duration.getNano() / 1e9;
    }
}
