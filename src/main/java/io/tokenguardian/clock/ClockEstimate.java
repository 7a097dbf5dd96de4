package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * An estimate of one clock's offset over hours. Immutable. Each sample gives an interval for the offset, whose width is
 * one second plus the round trip; the estimate is their intersection. A sample sent at {@link #nextProbe} halves it,
 * until it is about as wide as the round trip. A bound loosens with age, at the rate {@link #DRIFT_PPM}. A sample
 * outside the bounds shows that the clock was stepped. The estimate then starts over with that sample.
 *
 * @param roundTrip of the latest sample
 * @param samples how many samples the estimate is based on, counted since the last step
 * @param steps how often the clock was stepped
 */
public record ClockEstimate(Bound lower, Bound upper, Duration roundTrip, int samples, int steps) {

    /** Each of two clocks contributes 50 parts per million, the tolerance of an unsynchronized quartz clock. */
    public static final int DRIFT_PPM = 100;

    /** The interval is narrow enough if it is at most this much wider than the round trip. */
    static final Duration GOAL_BEYOND_ROUND_TRIP = Duration.ofMillis(10);

    /** One side of the interval, and the instant from which drift loosens it. */
    record Bound(Duration offset, Instant at) {
        Duration driftUntil(Instant now) {
            return drift(Duration.between(at, now));
        }
    }

    public static ClockEstimate of(Sample sample) {
        return restart(sample, 0);
    }

    /** {@code before} is null for the first sample; {@code sample} is null if the last response had no {@code Date}. */
    public static @Nullable ClockEstimate after(@Nullable ClockEstimate before, @Nullable Sample sample) {
        if (before == null || sample == null) {
            return sample == null ? before : of(sample);
        }
        return before.with(sample);
    }

    private static ClockEstimate restart(Sample sample, int steps) {
        OffsetInterval offset = sample.offset();
        // The other clock was read between sentAt and receivedAt. Counting drift from sentAt is the safe choice.
        return new ClockEstimate(
                new Bound(offset.lower(), sample.sentAt()),
                new Bound(offset.upper(), sample.sentAt()),
                sample.roundTrip(),
                1,
                steps);
    }

    /** Returns the estimate after another sample, which must not be older than the previous samples. */
    public ClockEstimate with(Sample sample) {
        if (!agreesWith(sample)) {
            return restart(sample, steps + 1);
        }
        OffsetInterval before = boundsAt(sample.receivedAt());
        OffsetInterval offset = sample.offset();
        Bound newLower =
                offset.lower().compareTo(before.lower()) > 0 ? new Bound(offset.lower(), sample.sentAt()) : lower;
        Bound newUpper =
                offset.upper().compareTo(before.upper()) < 0 ? new Bound(offset.upper(), sample.sentAt()) : upper;
        return new ClockEstimate(newLower, newUpper, sample.roundTrip(), samples + 1, steps);
    }

    /** Whether {@code sample} could have come from this clock, assuming that the clock was not stepped. */
    public boolean agreesWith(Sample sample) {
        return boundsAt(sample.receivedAt()).overlaps(sample.offset());
    }

    /** Returns the bounds at {@code now}, which must not be before the last sample. */
    public OffsetInterval boundsAt(Instant now) {
        return new OffsetInterval(
                lower.offset().minus(lower.driftUntil(now)), upper.offset().plus(upper.driftUntil(now)));
    }

    /** Returns the first local instant at which the other clock may show {@code reading}. */
    public Instant earliest(Instant reading) {
        Duration ahead = Duration.between(upper.at().plus(upper.offset()), reading);
        return upper.at().plus(ahead).minus(drift(ahead));
    }

    /** Returns the local instant from which the other clock certainly shows {@code reading}, unless it is stepped. */
    public Instant latest(Instant reading) {
        Duration ahead = Duration.between(lower.at().plus(lower.offset()), reading);
        // The clock also drifts during the time added for drift, hence the second drift term. A third term would add 86
        // ns per day.
        return lower.at().plus(ahead).plus(drift(ahead)).plus(drift(drift(ahead)));
    }

    /**
     * Returns when to send a probe that halves the interval, at most a second after {@code now}. If the midpoint is the
     * true offset, a second begins on the other clock half a round trip after that instant.
     */
    public Instant nextProbe(Instant now) {
        Duration flight = roundTrip.dividedBy(2);
        Instant onArrival = now.plus(flight).plus(boundsAt(now).midpoint());
        Duration intoSecond = Duration.between(onArrival.truncatedTo(ChronoUnit.SECONDS), onArrival);
        return intoSecond.isZero() ? now : now.plus(Sample.SECOND.minus(intoSecond));
    }

    public boolean isNarrow(Instant now) {
        return boundsAt(now).width().compareTo(roundTrip.plus(GOAL_BEYOND_ROUND_TRIP)) <= 0;
    }

    /** Rounded up. In {@code long}s, because this is called often and {@code Duration} uses {@code BigDecimal}. */
    private static Duration drift(Duration elapsed) {
        if (elapsed.isNegative() || elapsed.isZero()) {
            return Duration.ZERO;
        }
        long ofSeconds = elapsed.toSeconds() * 1_000 * DRIFT_PPM;
        long ofNanos = (long) elapsed.toNanosPart() * DRIFT_PPM / 1_000_000;
        return Duration.ofNanos(ofSeconds + ofNanos + 1);
    }
}
