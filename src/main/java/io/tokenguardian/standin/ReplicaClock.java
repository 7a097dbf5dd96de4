package io.tokenguardian.standin;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The wall clock of one replica: the base clock plus an offset and an optional drift. Any thread can set the offset at
 * any time.
 */
public final class ReplicaClock implements InstantSource {

    /** The offset at {@code since}, and how fast it grows from then on. */
    private record Setting(Instant since, Duration offset, double driftPpm) {

        Duration offsetAt(Instant now) {
            if (driftPpm == 0) {
                return offset;
            }
            double drifted = Duration.between(since, now).toNanos() * driftPpm / 1e6;
            return offset.plusNanos(Math.round(drifted));
        }
    }

    private final InstantSource base;
    private volatile Setting setting;

    ReplicaClock(InstantSource base) {
        this.base = base;
        this.setting = new Setting(base.instant(), Duration.ZERO, 0);
    }

    @Override
    public Instant instant() {
        Instant now = base.instant();
        return now.plus(setting.offsetAt(now));
    }

    /** The time on the base clock. */
    public Instant baseInstant() {
        return base.instant();
    }

    /** How far this clock is currently ahead of its base, exact to the nanosecond; negative if behind. */
    public Duration offset() {
        return setting.offsetAt(base.instant());
    }

    /**
     * Steps the clock so that it is {@code offset} ahead of its base (behind, if negative). Any drift continues from
     * the new offset.
     */
    public synchronized void offset(Duration offset) {
        setting = new Setting(base.instant(), offset, setting.driftPpm());
    }

    /** From now on, makes the clock run fast by {@code ppm} parts per million (slow, if negative), without a step. */
    public synchronized void drift(double ppm) {
        Instant now = base.instant();
        setting = new Setting(now, setting.offsetAt(now), ppm);
    }
}
