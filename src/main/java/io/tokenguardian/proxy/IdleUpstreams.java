package io.tokenguardian.proxy;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's idle HTTP/1.1 connections. Closes these after {@link #MAX_IDLE}, and idle HTTP/2 ones after at most
 * twice that.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the scheduled sweep ends at the latest with its event loop
final class IdleUpstreams {

    /**
     * How long HTTP/1.1 connections may be idle: less than the 90 s of the API server ({@code secure_serving.go}). An
     * idle HTTP/2 connection may last up to twice as long.
     */
    static final long MAX_IDLE = Duration.ofSeconds(55).toNanos();

    /** How long one that was parked may have been unused when it is used again: also less than these 90 s. */
    static final long MAX_UNUSED = Duration.ofSeconds(80).toNanos();

    private final EventLoop eventLoop;
    private final LongSupplier nanoTime;
    private final SharedHttp2Connections http2Connections;
    private final Deque<Http1Upstream> upstreams = new ArrayDeque<>();
    private boolean sweeping;

    IdleUpstreams(EventLoop eventLoop, LongSupplier nanoTime, SharedHttp2Connections http2Connections) {
        this.eventLoop = eventLoop;
        this.nanoTime = nanoTime;
        this.http2Connections = http2Connections;
    }

    boolean isEmpty() {
        return upstreams.isEmpty();
    }

    void add(Http1Upstream upstream) {
        upstreams.addFirst(upstream);
        startSweeping();
    }

    /** Adds a connection behind the others: it was parked, and has not been used for a while. */
    void addLast(Http1Upstream upstream) {
        upstreams.addLast(upstream);
        startSweeping();
    }

    /**
     * Removes and returns the first connection that was used in the last {@link #MAX_UNUSED}; null for none. Closes
     * those before it.
     */
    @Nullable
    Http1Upstream poll() {
        long moment = nanoTime.getAsLong() - MAX_UNUSED;
        for (Http1Upstream first = upstreams.pollFirst(); first != null; first = upstreams.pollFirst()) {
            if (!isOver(first, moment)) {
                return first;
            }
            first.abort();
        }
        return null;
    }

    void remove(Http1Upstream upstream) {
        upstreams.remove(upstream);
    }

    /** Sets the timer that closes connections, if it is not set. */
    void startSweeping() {
        if (!sweeping) {
            sweepAfter(MAX_IDLE);
        }
    }

    private void sweepAfter(long nanos) {
        sweeping = true;
        eventLoop.schedule(this::sweep, nanos, TimeUnit.NANOSECONDS);
    }

    private void sweep() {
        sweeping = false;
        long moment = nanoTime.getAsLong() - MAX_IDLE;
        // One that was parked is last, and may be younger than those before it.
        List<Http1Upstream> over =
                upstreams.stream().filter(upstream -> isOver(upstream, moment)).toList();
        upstreams.removeAll(over);
        over.forEach(Http1Upstream::abort);
        http2Connections.closeIdleSince(moment);
        OptionalLong next = upstreams.stream()
                .mapToLong(upstream -> upstream.idleSince() - moment)
                .min();
        if (next.isPresent()) {
            sweepAfter(next.getAsLong());
        } else if (!http2Connections.isEmpty()) {
            sweepAfter(MAX_IDLE);
        }
    }

    private static boolean isOver(Http1Upstream upstream, long moment) {
        return upstream.idleSince() - moment <= 0;
    }

    void closeAll() {
        List.copyOf(upstreams).forEach(Http1Upstream::abort);
    }
}
