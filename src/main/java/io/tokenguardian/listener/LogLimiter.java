package io.tokenguardian.listener;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Allows at most one log line in each period. Thread-safe. */
final class LogLimiter {
    private static final long NEVER = 0;

    private final long period;

    /** Not initially the current time: in a native executable, static fields keep the values from the build. */
    private final AtomicLong lastAt = new AtomicLong(NEVER);

    LogLimiter(Duration period) {
        this.period = period.toNanos();
    }

    boolean tryAcquire() {
        long last = lastAt.get();
        long now = System.nanoTime();
        return (last == NEVER || now - last >= period) && lastAt.compareAndSet(last, now);
    }
}
