package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.tokenguardian.concurrent.LoggedTask;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The idle connections of one event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // the scheduled sweep ends with its event loop, or sooner
final class IdleUpstreams {

    /** How long a connection may be idle: less than the API server's 90 s ({@code secure_serving.go}). */
    static final long MAX_IDLE = Duration.ofSeconds(55).toNanos();

    /** How long a parked connection may go unused before it is used again: also less than the API server's 90 s. */
    static final long MAX_UNUSED = Duration.ofSeconds(80).toNanos();

    private final EventLoop eventLoop;
    private final LongSupplier nanoTime;
    private final Deque<Upstream> upstreams = new ArrayDeque<>();
    private boolean sweeping;

    IdleUpstreams(EventLoop eventLoop, LongSupplier nanoTime) {
        this.eventLoop = eventLoop;
        this.nanoTime = nanoTime;
    }

    boolean isEmpty() {
        return upstreams.isEmpty();
    }

    void add(Upstream upstream) {
        upstreams.addFirst(upstream);
        startSweeping();
    }

    /** Adds a connection behind the others: it was parked, so it has not been used for a while. */
    void addLast(Upstream upstream) {
        upstreams.addLast(upstream);
        startSweeping();
    }

    /** Returns the first connection that was used within {@link #MAX_UNUSED}; null for none. Closes those before it. */
    @Nullable
    Upstream poll() {
        long moment = nanoTime.getAsLong() - MAX_UNUSED;
        for (Upstream first = upstreams.pollFirst(); first != null; first = upstreams.pollFirst()) {
            if (!isOver(first, moment)) {
                return first;
            }
            first.abort();
        }
        return null;
    }

    void remove(Upstream upstream) {
        upstreams.remove(upstream);
    }

    private void startSweeping() {
        if (!sweeping) {
            sweepAfter(MAX_IDLE);
        }
    }

    private void sweepAfter(long nanos) {
        sweeping = true;
        eventLoop.schedule(new LoggedTask(this::sweep), nanos, TimeUnit.NANOSECONDS);
    }

    private void sweep() {
        sweeping = false;
        long moment = nanoTime.getAsLong() - MAX_IDLE;
        // A connection that was parked comes last, but may have been used later than the connections before it.
        List<Upstream> over =
                upstreams.stream().filter(upstream -> isOver(upstream, moment)).toList();
        upstreams.removeAll(over);
        over.forEach(Upstream::abort);
        upstreams.stream()
                .mapToLong(upstream -> upstream.idleSince() - moment)
                .min()
                .ifPresent(this::sweepAfter);
    }

    private static boolean isOver(Upstream upstream, long moment) {
        return upstream.idleSince() - moment <= 0;
    }

    void closeAll() {
        List.copyOf(upstreams).forEach(Upstream::abort);
    }
}
