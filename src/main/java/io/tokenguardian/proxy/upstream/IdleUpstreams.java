package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.tokenguardian.concurrent.LoggedTask;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The idle connections of one event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // the scheduled sweep ends with its event loop, or sooner
final class IdleUpstreams {

    /** How long a connection may be idle: less than the API server's 90 s ({@code secure_serving.go}). */
    static final long MAX_IDLE = Duration.ofSeconds(55).toNanos();

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

    /** Removes and returns the last used connection that passes {@code test}; null for none. */
    @Nullable
    Upstream poll(Predicate<Upstream> test) {
        for (Iterator<Upstream> all = upstreams.iterator(); all.hasNext(); ) {
            Upstream each = all.next();
            if (test.test(each)) {
                all.remove();
                return each;
            }
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
        for (Upstream last = upstreams.peekLast(); last != null && isOver(last, moment); last = upstreams.peekLast()) {
            upstreams.removeLast().close();
        }
        if (!upstreams.isEmpty()) {
            sweepAfter(upstreams.getLast().usedAt() - moment);
        }
    }

    private static boolean isOver(Upstream upstream, long moment) {
        return upstream.usedAt() - moment <= 0;
    }

    void closeAll() {
        List.copyOf(upstreams).forEach(Upstream::close);
    }
}
