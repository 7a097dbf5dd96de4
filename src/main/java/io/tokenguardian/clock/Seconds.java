package io.tokenguardian.clock;

import java.time.Duration;

/** Durations as numbers of seconds, for people and metrics. */
public final class Seconds {
    private Seconds() {}

    /** Works for any duration. Nanoseconds in a {@code long} cover 292 years, and claims and clocks may exceed that. */
    public static double of(Duration duration) {
        return duration.getSeconds() + duration.getNano() / 1e9;
    }
}
