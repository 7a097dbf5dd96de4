package io.tokenguardian.proxy;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.tokenguardian.concurrent.ThreadState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Checks whether the event loops are still running tasks. Each check sends a task to every loop that has run its
 * previous task. Between checks, this class does nothing.
 */
final class LoopPings {

    /** In nanoseconds. Even many requests on a slow CPU delay a task by less than this. */
    static final long LIMIT = TimeUnit.SECONDS.toNanos(60);

    private static final class Ping {
        private final String name;
        private final EventExecutor loop;
        private volatile boolean waits;
        private volatile long sentAt;

        Ping(String name, EventExecutor loop) {
            this.name = name;
            this.loop = loop;
        }

        ThreadState state(long now) {
            if (loop.isShuttingDown()) {
                return new ThreadState(name, "ended");
            }
            if (!waits) {
                sentAt = now;
                waits = true;
                loop.execute(() -> waits = false);
            }
            long waited = now - sentAt;
            return new ThreadState(
                    name, waited < LIMIT ? null : "busy for " + TimeUnit.NANOSECONDS.toSeconds(waited) + " s");
        }
    }

    private final List<Ping> pings = new ArrayList<>();
    private final LongSupplier nanoTime;

    LoopPings(EventLoopGroup loops, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        loops.forEach(loop -> pings.add(new Ping("proxy-" + (pings.size() + 1), loop)));
    }

    /** A loop is faulty if it has ended, or if its task has waited for {@link #LIMIT}. */
    synchronized List<ThreadState> threads() {
        long now = nanoTime.getAsLong();
        return pings.stream().map(ping -> ping.state(now)).toList();
    }
}
