package io.tokenguardian.listener;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Lets at most one line in each period into the log. May be used by any thread. */
final class LogLimiter {
    private static final long NEVER = 0;

    private final long period;

    /**
     * When the last line was logged. Begins with {@link #NEVER}, and not with the present time: a native executable
     * keeps static fields, so it would be the build machine's.
     */
    private final AtomicLong lastAt = new AtomicLong(NEVER);

    LogLimiter(Duration period) {
        this.period = period.toNanos();
    }

    /** Returns whether a line may be logged now. If so, the next may be logged a period later. */
    boolean tryAcquire() {
        long last = lastAt.get();
        long now = System.nanoTime();
        return (last == NEVER || now - last >= period) && lastAt.compareAndSet(last, now);
    }
}
