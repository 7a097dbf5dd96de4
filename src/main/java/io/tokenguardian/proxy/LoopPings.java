package io.tokenguardian.proxy;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.tokenguardian.concurrent.ThreadState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether event loops still turn. Who asks sends each of them a task, and hears what became of the one that was sent before: so
 * nothing runs while nobody asks.
 */
final class LoopPings {

    /** A task that waits as long as this has a loop that does not turn, and is not just flooded on a starved CPU; nanoseconds. */
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

    /** Each loop, at fault if it has ended or has not come to a task of {@link #LIMIT} ago. */
    synchronized List<ThreadState> threads() {
        long now = nanoTime.getAsLong();
        return pings.stream().map(ping -> ping.state(now)).toList();
    }
}
