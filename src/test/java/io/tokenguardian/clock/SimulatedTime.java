package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Local time that only tests advance. Events run at their time. The node's clock can be stepped; monotonic time can't.
 */
public final class SimulatedTime {
    private final Instant start;
    private Duration elapsed = Duration.ZERO;
    private Duration stepped = Duration.ZERO;
    private final NavigableMap<Instant, List<Runnable>> events = new TreeMap<>();

    public SimulatedTime(Instant start) {
        this.start = start;
    }

    public LongSupplier nanoTime() {
        return () -> elapsed.toNanos();
    }

    public InstantSource wallClock() {
        return () -> start.plus(elapsed).plus(stepped);
    }

    public Timeline timeline() {
        return new Timeline(nanoTime(), wallClock());
    }

    /** The true time, as shown by a clock without an offset. */
    public Instant now() {
        return start.plus(elapsed);
    }

    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("time does not go back: " + by);
        }
        Instant end = now().plus(by);
        while (!nextEvent().isAfter(end)) {
            Map.Entry<Instant, List<Runnable>> next = events.pollFirstEntry();
            elapsed = next.getKey().isAfter(now()) ? Duration.between(start, next.getKey()) : elapsed;
            next.getValue().forEach(Runnable::run);
        }
        elapsed = end.isAfter(now()) ? Duration.between(start, end) : elapsed;
    }

    /** Runs {@code event} when the time is {@code at}. */
    public void at(Instant at, Runnable event) {
        events.computeIfAbsent(at, instant -> new ArrayList<>()).add(event);
    }

    /** The time of the next event; {@link Instant#MAX} for none. */
    public Instant nextEvent() {
        return events.isEmpty() ? Instant.MAX : events.firstKey();
    }

    /** Advances to the next event, or to shortly after {@code due} if that is earlier, but not past {@code end}. */
    public void advanceToNext(Instant due, Duration oversleep, Instant end) {
        Instant woken = due.isBefore(end) ? due.plus(oversleep) : end;
        woken = nextEvent().isBefore(woken) ? nextEvent() : woken;
        advanceTo(woken.isBefore(end) ? woken : end);
    }

    public void advanceTo(Instant instant) {
        if (!instant.isBefore(now())) {
            advance(Duration.between(now(), instant));
        }
    }

    /** Steps the node's clock forward or back. */
    public void stepNodeClock(Duration by) {
        stepped = stepped.plus(by);
    }
}
