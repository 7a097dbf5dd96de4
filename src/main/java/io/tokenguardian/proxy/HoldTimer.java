package io.tokenguardian.proxy;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Measures how long one request waits in total, and runs an action when {@code hold-timeout} is used up. */
final class HoldTimer {

    private final ProxyContext context;
    private boolean everHeld;
    private boolean waiting;
    private boolean counted;
    private long since;
    private long total;
    private @Nullable ScheduledFuture<?> end;

    HoldTimer(ProxyContext context) {
        this.context = context;
    }

    /**
     * Starts to wait. Does nothing if the request is waiting already.
     *
     * @param onEnd is run when the request has waited for {@code hold-timeout} in total
     * @return false if too many requests are waiting ({@link HoldLimit})
     */
    boolean begin(EventLoopState loopState, Runnable onEnd) {
        if (waiting) {
            return true;
        }
        if (!context.held().enter()) {
            return false;
        }
        waiting = true;
        if (!everHeld) {
            everHeld = true;
            context.counters().firstHold();
        }
        context.counters().holdBegins();
        since = context.nanoTime().getAsLong();
        long left = Math.max(0, context.settings().holdTimeout().toNanos() - total);
        end = loopState.eventLoop().schedule(onEnd, left, TimeUnit.NANOSECONDS);
        return true;
    }

    void end() {
        if (!waiting) {
            return;
        }
        waiting = false;
        total += context.nanoTime().getAsLong() - since;
        context.held().leave();
        context.counters().holdEnds();
        if (end != null) {
            end.cancel(false);
            end = null;
        }
    }

    /** Ends the wait and counts its time in the metrics, once. Called when the request has ended. */
    void over() {
        end();
        if (everHeld && !counted) {
            counted = true;
            context.counters().heldFor(total);
        }
    }

    /** The time left of {@code hold-timeout}; not negative. */
    Duration left() {
        long waited = waiting ? context.nanoTime().getAsLong() - since : 0;
        return Duration.ofNanos(Math.max(0, context.settings().holdTimeout().toNanos() - total - waited));
    }

    boolean everHeld() {
        return everHeld;
    }

    /** The total of the waits that have ended, in milliseconds. */
    long millis() {
        return TimeUnit.NANOSECONDS.toMillis(total);
    }
}
