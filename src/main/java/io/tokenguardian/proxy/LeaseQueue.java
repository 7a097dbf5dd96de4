package io.tokenguardian.proxy;

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
 */
final class LeaseQueue {

    /** @param since when the request asked for an upstream, in nanoseconds on the monotonic clock */
    record Waiting(LeaseRequest request, long since) {}

    private final EventLoop eventLoop;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable ScheduledFuture<?> timer;

    LeaseQueue(EventLoop eventLoop) {
        this.eventLoop = eventLoop;
    }

    void add(LeaseRequest request, long since) {
        waiting.addLast(new Waiting(request, since));
    }

    void remove(LeaseRequest request) {
        waiting.removeIf(each -> each.request().equals(request));
    }

    /** The request that waits longest; null for none. */
    @Nullable
    Waiting first() {
        return waiting.peekFirst();
    }

    /** Removes and returns the request that waits longest; null for none. */
    @Nullable
    LeaseRequest poll() {
        Waiting first = waiting.pollFirst();
        return first == null ? null : first.request();
    }

    /** Removes and returns all. */
    List<Waiting> takeAll() {
        List<Waiting> all = new ArrayList<>(waiting);
        waiting.clear();
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
