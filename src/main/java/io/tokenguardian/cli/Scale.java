package io.tokenguardian.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which stretch of time a drawing covers: the clocks, and the events not far from one of them. What lies outside (an
 * expiry a year ahead) is drawn at the edge, so that seconds can still be told apart.
 *
 * @param first the stretch's beginning
 * @param last its end; not before {@code first}
 */
record Scale(Instant first, Instant last) {
    /** What is covered at least, so that clocks which agree stand together. */
    private static final Duration LEAST = Duration.ofMinutes(1);

    /** Beyond this from every clock, an event is not to scale. */
    private static final Duration FAR = Duration.ofMinutes(15);

    /** The scale for these; without a clock there is nothing to be near to, and it is a point. */
    static Scale of(Collection<Instant> events, Collection<Instant> clocks) {
        List<Instant> near = Stream.concat(
                        clocks.stream(),
                        events.stream().filter(event -> clocks.stream().anyMatch(clock -> isNear(clock, event))))
                .sorted()
                .toList();
        Instant some = events.stream().min(Comparator.naturalOrder()).orElse(Instant.EPOCH);
        return near.isEmpty() ? new Scale(some, some) : new Scale(near.get(0), near.get(near.size() - 1));
    }

    private static boolean isNear(Instant clock, Instant event) {
        return Duration.between(clock, event).abs().compareTo(FAR) < 0;
    }

    boolean isBefore(Instant at) {
        return at.isBefore(first);
    }

    boolean isAfter(Instant at) {
        return at.isAfter(last);
    }

    /** Where {@code at} is: from 0 to 1 in the stretch, below or above outside of it. */
    double fraction(Instant at) {
        long span = Math.max(LEAST.toMillis(), Duration.between(first, last).toMillis());
        return (double) Duration.between(first, at).toMillis() / span;
    }
}
