package io.tokenguardian.dev;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The wall clock of one replica: the base clock, shifted by an offset that may be set at any time from any thread, and
 * drifting away from it at a rate if told to.
 */
public final class ReplicaClock implements InstantSource {

    /** The offset that held at {@code since}, and how fast it has grown from then on. */
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

    /** The time of the clock that this one is set against. */
    public Instant baseInstant() {
        return base.instant();
    }

    /** How far this clock is ahead of its base, now; negative when behind. Exact to the nanosecond. */
    public Duration offset() {
        return setting.offsetAt(base.instant());
    }

    /** Steps the clock to {@code offset} ahead of its base (behind, if negative); a drift goes on from there. */
    public synchronized void offset(Duration offset) {
        setting = new Setting(base.instant(), offset, setting.driftPpm());
    }

    /** Makes the clock run fast (slow, if negative) by {@code ppm} millionths from now on, without a step. */
    public synchronized void drift(double ppm) {
        Instant now = base.instant();
        setting = new Setting(now, setting.offsetAt(now), ppm);
    }
}
