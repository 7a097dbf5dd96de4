package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What the samples so far say of one clock's offset. Immutable: a sample makes a new estimate.
 *
 * <p>Each sample bounds the offset by a little more than a second; bounds are intersected, so that a sample sent at
 * the right moment ({@link #nextProbe}) halves what is left, down to the round trip itself. A bound loosens as it ages,
 * by {@link #DRIFT_PPM}. A sample outside of the bounds can only mean that the clock was stepped: the estimate begins
 * anew with it.
 */
public final class ClockEstimate {

    /**
     * How fast two clocks may come apart, in parts per million: 50 for each of them, as much as a quartz clock without
     * discipline is allowed.
     */
    public static final int DRIFT_PPM = 100;

    /** How near the width may come to the round trip before another probe is not worth its while. */
    static final Duration GOAL_BEYOND_ROUND_TRIP = Duration.ofMillis(10);

    /** One side of the interval and when it was true to the nanosecond. */
    private record Bound(Duration offset, Instant at) {
        Duration loosened(Instant now) {
            return drift(Duration.between(at, now));
        }
    }

    private final Bound lower;
    private final Bound upper;
    private final Duration roundTrip;
    private final int samples;
    private final int steps;

    private ClockEstimate(Bound lower, Bound upper, Duration roundTrip, int samples, int steps) {
        this.lower = lower;
        this.upper = upper;
        this.roundTrip = roundTrip;
        this.samples = samples;
        this.steps = steps;
    }

    /** The estimate after the first sample. */
    public static ClockEstimate of(Sample sample) {
        return restart(sample, 0);
    }

    private static ClockEstimate restart(Sample sample, int steps) {
        OffsetInterval offset = sample.offset();
        // The other clock was read somewhere between the two instants: ageing counts from the first of them.
        return new ClockEstimate(
                new Bound(offset.lower(), sample.sentAt()),
                new Bound(offset.upper(), sample.sentAt()),
                sample.roundTrip(),
                1,
                steps);
    }

    /** The estimate with one more sample, not older than the ones before. */
    public ClockEstimate with(Sample sample) {
        if (!agreesWith(sample)) {
            return restart(sample, steps + 1);
        }
        OffsetInterval before = at(sample.receivedAt());
        OffsetInterval offset = sample.offset();
        Bound newLower =
                offset.lower().compareTo(before.lower()) > 0 ? new Bound(offset.lower(), sample.sentAt()) : lower;
        Bound newUpper =
                offset.upper().compareTo(before.upper()) < 0 ? new Bound(offset.upper(), sample.sentAt()) : upper;
        return new ClockEstimate(newLower, newUpper, sample.roundTrip(), samples + 1, steps);
    }

    /** Whether {@code sample} can be of this clock, as long as nobody has stepped it. */
    public boolean agreesWith(Sample sample) {
        return at(sample.receivedAt()).overlaps(sample.offset());
    }

    /** The bounds at {@code now}, which must not be before the last sample. */
    public OffsetInterval at(Instant now) {
        return new OffsetInterval(
                lower.offset().minus(lower.loosened(now)), upper.offset().plus(upper.loosened(now)));
    }

    /** Before this local instant the other clock cannot show {@code reading}. */
    public Instant earliest(Instant reading) {
        Duration ahead = Duration.between(upper.at().plus(upper.offset()), reading);
        return upper.at().plus(ahead).minus(drift(ahead));
    }

    /** From this local instant on the other clock shows {@code reading} or later, unless it is stepped. */
    public Instant latest(Instant reading) {
        Duration ahead = Duration.between(lower.at().plus(lower.offset()), reading);
        // The drift goes on during the time that it adds itself; a third term would be 86 ns in a day.
        return lower.at().plus(ahead).plus(drift(ahead)).plus(drift(drift(ahead)));
    }

    /**
     * The next local instant at which a probe should be sent to halve the interval: half a round trip before the
     * moment at which the clock, if the midpoint were true, turns a full second. At most a second after {@code now}.
     */
    public Instant nextProbe(Instant now) {
        Duration flight = roundTrip.dividedBy(2);
        Instant onArrival = now.plus(flight).plus(at(now).midpoint());
        Duration intoSecond = Duration.between(onArrival.truncatedTo(ChronoUnit.SECONDS), onArrival);
        return intoSecond.isZero() ? now : now.plus(Sample.SECOND.minus(intoSecond));
    }

    /** Whether the interval is as narrow as the round trip lets it be, to within 10 ms. */
    public boolean isNarrow(Instant now) {
        return at(now).width().compareTo(roundTrip.plus(GOAL_BEYOND_ROUND_TRIP)) <= 0;
    }

    /** How many samples the estimate rests on, since the last step. */
    public int samples() {
        return samples;
    }

    /** How often the clock was seen to be stepped. */
    public int steps() {
        return steps;
    }

    /** What {@link #DRIFT_PPM} comes to in {@code elapsed}, rounded up. */
    private static Duration drift(Duration elapsed) {
        return elapsed.isNegative() || elapsed.isZero()
                ? Duration.ZERO
                : elapsed.multipliedBy(DRIFT_PPM).dividedBy(1_000_000).plusNanos(1);
    }

    @Override
    public String toString() {
        return "ClockEstimate[lower=" + lower.offset() + ", upper=" + upper.offset() + ", samples=" + samples
                + ", steps=" + steps + "]";
    }
}
