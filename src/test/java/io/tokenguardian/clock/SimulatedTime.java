package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;

/**
 * Local time that only tests advance. Events run at their time. The node's clock can be stepped; monotonic time can't.
 */
public final class SimulatedTime {
    /** In nanoseconds since the start. Events at the same time run in the order in which they were added. */
    private record Event(long at, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
        }
    }

    private final Instant start;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private Duration stepped = Duration.ZERO;
    private long elapsed;
    private long added;

    public SimulatedTime(Instant start) {
        this.start = start;
    }

    public LongSupplier nanoTime() {
        return () -> elapsed;
    }

    public InstantSource wallClock() {
        return () -> now().plus(stepped);
    }

    public Timeline timeline() {
        return new Timeline(nanoTime(), wallClock());
    }

    /** The true time, as shown by a clock without an offset. */
    public Instant now() {
        return start.plusNanos(elapsed);
    }

    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("time does not go back: " + by);
        }
        long end = elapsed + by.toNanos();
        for (Event next = events.peek(); next != null && next.at <= end; next = events.peek()) {
            events.remove();
            elapsed = Math.max(elapsed, next.at);
            next.action.run();
        }
        elapsed = Math.max(elapsed, end);
    }

    /** Runs {@code event} when the time is {@code at}. */
    public void at(Instant at, Runnable event) {
        add(Duration.between(start, at).toNanos(), event);
    }

    /** Runs {@code event} after {@code delay}. */
    public void after(Duration delay, Runnable event) {
        add(elapsed + delay.toNanos(), event);
    }

    private void add(long at, Runnable event) {
        events.add(new Event(at, added++, event));
    }

    /** The time of the next event; {@link Instant#MAX} for none. */
    public Instant nextEvent() {
        Event next = events.peek();
        return next == null ? Instant.MAX : start.plusNanos(next.at);
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
