package io.tokenguardian.status;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The period that a drawing covers: all clocks, and the events near one of them. Events outside (an expiry a year
 * ahead) are drawn at the edge, so that seconds are still visible.
 *
 * @param first the beginning of the period
 * @param last its end; not before {@code first}
 */
record TimeAxis(Instant first, Instant last) {
    /** The shortest period that is drawn to scale, so that clocks that agree are drawn close together. */
    private static final Duration SHORTEST_SPAN = Duration.ofMinutes(1);

    /** An event that is this far from every clock is outside of the period. */
    private static final Duration FAR = Duration.ofMinutes(15);

    /** The axis for these events and clocks. Without a clock no event is near, and the period is one instant. */
    static TimeAxis of(Collection<Instant> events, Collection<Instant> clocks) {
        List<Instant> near = Stream.concat(
                        clocks.stream(),
                        events.stream().filter(event -> clocks.stream().anyMatch(clock -> isNear(clock, event))))
                .sorted()
                .toList();
        Instant some = events.stream().min(Comparator.naturalOrder()).orElse(Instant.EPOCH);
        return near.isEmpty() ? new TimeAxis(some, some) : new TimeAxis(near.get(0), near.get(near.size() - 1));
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

    /** The position of {@code at}: 0 to 1 within the period, less or more outside of it. */
    double fraction(Instant at) {
        long span =
                Math.max(SHORTEST_SPAN.toMillis(), Duration.between(first, last).toMillis());
        return (double) Duration.between(first, at).toMillis() / span;
    }
}
