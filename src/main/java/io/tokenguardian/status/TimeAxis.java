package io.tokenguardian.status;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
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

    /** In seconds. */
    private static final long[] STEPS = {
        15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400
    };

    private static final int MOST_TICKS = 5;

    /** Without any clocks, no event is near, and the period is a single instant. */
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

    /** The position of {@code at}: from 0 to 1 within the period, and less than 0 or more than 1 outside it. */
    double fraction(Instant at) {
        return (double) Duration.between(first, at).toMillis() / span().toMillis();
    }

    /** Returns at most {@link #MOST_TICKS} round times within the period, oldest first. */
    List<Instant> ticks() {
        long step = step().toSeconds();
        List<Instant> ticks = new ArrayList<>();
        long end = first.plus(span()).getEpochSecond();
        for (long at = -Math.floorDiv(-first.getEpochSecond(), step) * step; at <= end; at += step) {
            Instant tick = Instant.ofEpochSecond(at);
            if (!startsAfter(tick)) {
                ticks.add(tick);
            }
        }
        return ticks;
    }

    Duration step() {
        long span = span().toSeconds();
        return Duration.ofSeconds(LongStream.of(STEPS)
                .filter(step -> span / step < MOST_TICKS)
                .findFirst()
                .orElse(span / (MOST_TICKS - 1)));
    }

    private Duration span() {
        Duration span = Duration.between(first, last);
        return span.compareTo(SHORTEST_SPAN) < 0 ? SHORTEST_SPAN : span;
    }
}
