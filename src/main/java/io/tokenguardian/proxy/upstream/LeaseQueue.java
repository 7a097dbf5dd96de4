package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one event loop that wait for an upstream, in the order of their arrival, and the timer for the next.
 * A request whose body is not complete may keep its connection as long as its caller likes. So these take turns with
 * the whole ones: a thousand slow uploads make a small request wait for one of them at most.
 */
final class LeaseQueue {

    /** @param since when the request began to wait for an upstream, in nanoseconds on the monotonic clock */
    record Waiting(LeaseRequest request, long since) {}

    private final EventLoop eventLoop;
    private final Deque<Waiting> whole = new ArrayDeque<>();
    private final Deque<Waiting> incomplete = new ArrayDeque<>();
    private boolean wholeWasLast;
    private @Nullable ScheduledFuture<?> timer;

    LeaseQueue(EventLoop eventLoop) {
        this.eventLoop = eventLoop;
    }

    void add(LeaseRequest request, long since) {
        (request.isWhole() ? whole : incomplete).addLast(new Waiting(request, since));
    }

    /** Called when all of the body of {@code request} has been received. It goes behind the whole ones, if it waits. */
    void becameWhole(LeaseRequest request) {
        incomplete.stream()
                .filter(each -> each.request().equals(request))
                .findFirst()
                .ifPresent(each -> {
                    incomplete.remove(each);
                    whole.addLast(each);
                });
    }

    void remove(LeaseRequest request) {
        whole.removeIf(each -> each.request().equals(request));
        incomplete.removeIf(each -> each.request().equals(request));
    }

    private Deque<Waiting> next() {
        return whole.isEmpty() || (wholeWasLast && !incomplete.isEmpty()) ? incomplete : whole;
    }

    /** The request whose turn it is; null for none. */
    @Nullable
    Waiting first() {
        return next().peekFirst();
    }

    /** Removes and returns the request whose turn it is; null for none. */
    @Nullable
    LeaseRequest poll() {
        Deque<Waiting> from = next();
        wholeWasLast = from == whole;
        Waiting first = from.pollFirst();
        return first == null ? null : first.request();
    }

    /** Removes and returns all, the whole ones first. */
    List<Waiting> takeAll() {
        List<Waiting> all = new ArrayList<>(whole);
        all.addAll(incomplete);
        whole.clear();
        incomplete.clear();
        return all;
    }

    /** Sets the timer, instead of an earlier setting. */
    void setTimer(Runnable task, long nanos) {
        cancelTimer();
        timer = eventLoop.schedule(
                () -> {
                    timer = null;
                    task.run();
                },
                Math.max(0, nanos),
                TimeUnit.NANOSECONDS);
    }

    void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
