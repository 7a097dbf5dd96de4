package io.tokenguardian.status;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * The period that a drawing covers: all clocks, and the events near any of them. Other events, such as an expiry a year
 * ahead, are drawn at the edge, so that seconds remain visible.
 */
record TimeAxis(Instant first, Instant last) {
    /** Clocks that agree are drawn close together. */
    private static final Duration SHORTEST_SPAN = Duration.ofMinutes(1);

    /** An event at least this far from every clock is outside the period. */
    private static final Duration FAR = Duration.ofMinutes(15);

    /** {@code clocks} must not be empty. */
    static TimeAxis of(Collection<Instant> events, Collection<Instant> clocks) {
        List<Instant> near = Stream.concat(
                        clocks.stream(),
                        events.stream().filter(event -> clocks.stream().anyMatch(clock -> isNear(clock, event))))
                .sorted()
                .toList();
        return new TimeAxis(near.get(0), near.get(near.size() - 1));
    }

    private static boolean isNear(Instant clock, Instant event) {
        return Duration.between(clock, event).abs().compareTo(FAR) < 0;
    }

    boolean startsAfter(Instant at) {
        return at.isBefore(first);
    }

    boolean endsBefore(Instant at) {
        return at.isAfter(last);
    }

    /** The position of {@code at}: from 0 to 1 within the period, and less than 0 or more than 1 outside it. */
    double fraction(Instant at) {
        return (double) Duration.between(first, at).toMillis() / span().toMillis();
    }

    private Duration span() {
        Duration span = Duration.between(first, last);
        return span.compareTo(SHORTEST_SPAN) < 0 ? SHORTEST_SPAN : span;
    }
}
