package io.tokenguardian.proxy;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How long one request has waited in all, and the end of its patience; nothing but a number until it first waits. */
final class HeldTime {

    private final DataPath path;
    private boolean everHeld;
    private boolean waiting;
    private boolean counted;
    private long since;
    private long total;
    private @Nullable ScheduledFuture<?> end;

    HeldTime(DataPath path) {
        this.path = path;
    }

    /**
     * Begins to wait, unless that is on already.
     *
     * @param onEnd run when {@code hold-timeout} is used up
     * @return whether there was room for one more
     */
    boolean begin(Lane lane, Runnable onEnd) {
        if (waiting) {
            return true;
        }
        if (!path.held().enter()) {
            return false;
        }
        waiting = true;
        if (!everHeld) {
            everHeld = true;
            path.counters().firstHold();
        }
        path.counters().holdBegins();
        since = path.nanoTime().getAsLong();
        long left = Math.max(0, path.settings().holdTimeout().toNanos() - total);
        end = lane.eventLoop().schedule(onEnd, left, TimeUnit.NANOSECONDS);
        return true;
    }

    void end() {
        if (!waiting) {
            return;
        }
        waiting = false;
        total += path.nanoTime().getAsLong() - since;
        path.held().leave();
        path.counters().holdEnds();
        if (end != null) {
            end.cancel(false);
            end = null;
        }
    }

    /** The request is over: ends the wait and has its time counted, once. */
    void over() {
        end();
        if (everHeld && !counted) {
            counted = true;
            path.counters().heldFor(total);
        }
    }

    /** What is left of {@code hold-timeout}; not negative. */
    Duration left() {
        long waited = waiting ? path.nanoTime().getAsLong() - since : 0;
        return Duration.ofNanos(Math.max(0, path.settings().holdTimeout().toNanos() - total - waited));
    }

    boolean everHeld() {
        return everHeld;
    }

    /** Milliseconds in all. */
    long millis() {
        return TimeUnit.NANOSECONDS.toMillis(total);
    }
}
