package io.tokenguardian.proxy;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether event loops still turn. Who asks sends each of them a task, and hears what became of the one that was sent before: so
 * nothing runs while nobody asks.
 */
final class LoopPings {

    /** A task that waits longer than this has a loop that does not turn. */
    static final long LIMIT = TimeUnit.SECONDS.toNanos(10);

    private static final class Ping {
        private final EventExecutor loop;
        private volatile boolean waits;
        private volatile long sentAt;

        Ping(EventExecutor loop) {
            this.loop = loop;
        }

        boolean answers(long now) {
            if (waits) {
                return now - sentAt < LIMIT;
            }
            if (loop.isShuttingDown()) {
                return false;
            }
            sentAt = now;
            waits = true;
            loop.execute(() -> waits = false);
            return true;
        }
    }

    private final List<Ping> pings = new ArrayList<>();
    private final LongSupplier nanoTime;

    LoopPings(EventLoopGroup loops, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        loops.forEach(loop -> pings.add(new Ping(loop)));
    }

    /** False if a loop has ended, or has not come to a task of more than {@link #LIMIT} ago. */
    synchronized boolean allAnswer() {
        long now = nanoTime.getAsLong();
        boolean all = true;
        for (Ping ping : pings) {
            all &= ping.answers(now);
        }
        return all;
    }
}
