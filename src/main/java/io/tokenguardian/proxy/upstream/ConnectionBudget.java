package io.tokenguardian.proxy.upstream;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The new connections that the process may open beyond one for each waiting request: beside a slow one, in place of a
 * failed one, or in parallel in a search. A token bucket that is filled by requests and by time, like the retry budgets
 * of Finagle and linkerd2-proxy. Times are in nanoseconds on the monotonic clock. For any thread.
 */
public final class ConnectionBudget {

    /** The most that is saved, and the balance at the start: a search of 24 connections, and eight others. */
    static final int MOST = 32;

    /** So many requests together pay for one connection, as by default in Finagle. */
    static final int REQUESTS = 5;

    /** The time that pays for one connection: two a second. */
    static final long INTERVAL = Duration.ofMillis(500).toNanos();

    /** When the budget will be full, if nothing is withdrawn. Each connection moves it by {@link #INTERVAL}. */
    private final AtomicLong fullAt;

    public ConnectionBudget(long now) {
        fullAt = new AtomicLong(now);
    }

    /** Called for each request. */
    void deposit(long now) {
        if (fullAt.get() - now > 0) {
            fullAt.addAndGet(-INTERVAL / REQUESTS);
        }
    }

    /** Pays for one connection. Returns false, and takes nothing, if the balance is too low. */
    boolean withdraw(long now) {
        long before = fullAt.getAndUpdate(at -> opensIn(at, now) > 0 ? at : now + Math.max(0, at - now) + INTERVAL);
        return opensIn(before, now) == 0;
    }

    /** Returns the time until the balance pays for one connection. */
    long opensIn(long now) {
        return opensIn(fullAt.get(), now);
    }

    private static long opensIn(long fullAt, long now) {
        return Math.max(0, fullAt - now - (MOST - 1) * INTERVAL);
    }
}
