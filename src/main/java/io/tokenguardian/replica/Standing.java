package io.tokenguardian.replica;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the replica of one connection has shown about one token. Immutable.
 *
 * @param last when the last answer arrived
 * @param inARow how many of the last answers had this finding
 * @param clock null until an answer has shown the replica's clock
 */
public record Standing(
        Finding finding, Instant last, int inARow, @Nullable ClockEstimate clock) {

    /**
     * A narrower estimate of the acceptance time is not narrowed further: that would take more requests than it saves.
     */
    static final Duration PRECISE = Duration.ofMillis(20);

    /** The clocks drift apart by up to this part of the time until the acceptance (200 ppm, and a little). */
    private static final int DRIFT = 4_000;

    /** With so many samples, no more probes narrow the estimate: it is about as wide as a round trip. */
    static final int NARROWING_SAMPLES = 8;

    /** The pause between probes when the acceptance time may have come. The goal is an acceptance within 50 ms. */
    static final Duration STEP = Duration.ofMillis(20);

    /**
     * How long a refusal that no clock explains counts. The replica may learn of a key or an account in the meantime.
     */
    private static final Backoff UNEXPLAINED = new Backoff(Duration.ofSeconds(15), Duration.ofMinutes(1));

    /** {@code before} is null for the first answer. */
    public static Standing after(@Nullable Standing before, Answer answer) {
        if (before == null) {
            return new Standing(answer.finding(), answer.at(), 1, ClockEstimate.after(null, answer.clock()));
        }
        int row = answer.finding() == before.finding ? before.inARow + 1 : 1;
        return new Standing(answer.finding(), answer.at(), row, ClockEstimate.after(before.clock, answer.clock()));
    }

    /** Whether waiting ends the refusal. */
    public boolean isNotYetValid() {
        return finding == Finding.NOT_YET_VALID;
    }

    /** Returns the time before which the replica is certain to refuse. Only for {@link Finding#NOT_YET_VALID}. */
    public Instant acceptsFrom(ValidityWindow window) {
        return Objects.requireNonNull(clock).earliest(Objects.requireNonNull(window.from()));
    }

    /** Returns the time from which the replica's clock is certain to have reached the window. It must be known. */
    public Instant acceptsBy(ValidityWindow window) {
        return Objects.requireNonNull(clock).latest(Objects.requireNonNull(window.from()));
    }

    /** Whether the replica is expected to refuse the token at {@code now}. */
    public boolean refusesAt(ValidityWindow window, Instant now) {
        return switch (finding) {
            case ACCEPTED, UNREACHABLE -> false;
            case NOT_YET_VALID -> now.isBefore(acceptsBy(window));
            case EXPIRED, REFUSED -> now.isBefore(last.plus(UNEXPLAINED.pause(inARow, this::fractionOfSecond)));
        };
    }

    /** The random part of a pause, from 0 to 1. It never changes, and differs between programs refused together. */
    private double fractionOfSecond() {
        return Math.floorMod(last.toEpochMilli(), 1_000L) / 1e3;
    }

    /**
     * Returns when to probe again, to learn of the acceptance as soon as it begins. A probe that is sent a whole number
     * of seconds before the middle of the interval that contains the acceptance time halves this interval, because
     * {@code Date} shows which half contains it. About six probes, a second apart, narrow the interval before it
     * begins.
     */
    public Instant nextProbe(ValidityWindow window, Instant now) {
        Instant earliest = acceptsFrom(window);
        Duration width = Duration.between(earliest, acceptsBy(window));
        Instant middle = earliest.plus(width.dividedBy(2));
        long wholeSeconds = Duration.between(now.plus(STEP), middle).toSeconds();
        Duration drift = Duration.between(now, middle).dividedBy(DRIFT);
        boolean narrows = Objects.requireNonNull(clock).samples() < NARROWING_SAMPLES;
        if (narrows && width.compareTo(PRECISE.plus(drift)) > 0 && wholeSeconds >= 1) {
            return middle.minusSeconds(wholeSeconds);
        }
        return Instants.later(earliest, now.plus(STEP));
    }
}
