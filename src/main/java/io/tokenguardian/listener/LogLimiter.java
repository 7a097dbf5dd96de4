package io.tokenguardian.listener;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Allows at most one log line in each period. May be used on any thread. */
final class LogLimiter {
    private static final long NEVER = 0;

    private final long period;

    /**
     * When the last line was logged. The first value is {@link #NEVER}, not the current time: a native executable keeps
     * static fields, so that would be the time of the build.
     */
    private final AtomicLong lastAt = new AtomicLong(NEVER);

    LogLimiter(Duration period) {
        this.period = period.toNanos();
    }

    /** Returns whether a line may be logged now. If so, the next line may be logged a period later. */
    boolean tryAcquire() {
        long last = lastAt.get();
        long now = System.nanoTime();
        return (last == NEVER || now - last >= period) && lastAt.compareAndSet(last, now);
    }
}
