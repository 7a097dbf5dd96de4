package io.tokenguardian.proxy.request;

import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.concurrent.LoggedTask;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.upstream.ReplicaSearch;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Measures how long one request waits in total, and fails it when {@code hold-timeout} is used up. */
final class HoldTimer {

    private final RequestContext context;
    private boolean everHeld;
    private boolean waiting;
    private boolean counted;
    private @Nullable SavedReason refused;
    private long since;
    private long total;
    private @Nullable ScheduledFuture<?> end;

    HoldTimer(RequestContext context) {
        this.context = context;
    }

    /** Starts the wait, or fails {@code exchange} if it may not wait. Returns whether the request is waiting now. */
    boolean begin(EventLoopState loopState, Exchange exchange) {
        if (loopState.isDraining()) {
            exchange.fail(ProxyFault.SHUTTING_DOWN, null);
            return false;
        }
        if (waiting) {
            noteRefusal(loopState);
            return true;
        }
        if (!context.holdLimit().tryEnter()) {
            exchange.fail(ProxyFault.TOO_MANY_HELD, "the limit is " + HoldLimit.MOST);
            return false;
        }
        waiting = true;
        context.counters().holdBegins(!everHeld);
        everHeld = true;
        noteRefusal(loopState);
        since = context.nanoTime().getAsLong();
        long left = Math.max(0, context.settings().holdTimeout().toNanos() - total);
        end = loopState.eventLoop().schedule(new LoggedTask(() -> timeOut(exchange)), left, TimeUnit.NANOSECONDS);
        return true;
    }

    private void noteRefusal(EventLoopState loopState) {
        ReplicaSearch search = loopState.upstreams().search();
        if (context.waitAdvisor().untilUsable().isPresent() || (search.isSearching() && search.isByClock())) {
            refused = SavedReason.CLOCK;
        } else if (refused == null && search.isSearching()) {
            refused = SavedReason.UNEXPLAINED;
        }
    }

    /** Whether a wait may begin. It may not if a limit would end it at once. */
    boolean mayBegin() {
        return waiting || !(context.holdLimit().isFull() || left().isZero());
    }

    private void timeOut(Exchange exchange) {
        String explanation = context.waitAdvisor().explanation().orElse(null);
        boolean isOff = context.settings().passThrough();
        exchange.fail(isOff ? ProxyFault.NO_TOKEN : ProxyFault.NOT_ACCEPTED_IN_TIME, explanation);
    }

    void end() {
        if (!waiting) {
            return;
        }
        waiting = false;
        total += context.nanoTime().getAsLong() - since;
        context.holdLimit().leave();
        context.counters().holdEnds();
        if (end != null) {
            end.cancel(false);
            end = null;
        }
    }

    /** Called when the request has ended. Counts the total duration in the metrics, but only once. */
    void requestEnded() {
        end();
        if (everHeld && !counted) {
            counted = true;
            context.counters().heldFor(total);
        }
    }

    /** The remaining part of {@code hold-timeout}; not negative. */
    Duration left() {
        long waited = waiting ? context.nanoTime().getAsLong() - since : 0;
        return Duration.ofNanos(Math.max(0, context.settings().holdTimeout().toNanos() - total - waited));
    }

    /** Why replicas refused the token while the request waited; null if it has not waited for a replica. */
    @Nullable
    SavedReason refused() {
        return refused;
    }

    boolean everHeld() {
        return everHeld;
    }

    /** Excludes a wait that has not ended. */
    long heldMillis() {
        return TimeUnit.NANOSECONDS.toMillis(total);
    }
}
