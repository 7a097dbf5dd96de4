package io.tokenguardian.listener;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Allows at most one log line in each period. Thread-safe. */
final class LogLimiter {
    private static final long NEVER = 0;

    private final long period;

    /**
     * When the last line was logged. The initial value is {@link #NEVER}. It can't be the current time, because in a
     * native executable, static fields keep the values that they had during the build.
     */
    private final AtomicLong lastAt = new AtomicLong(NEVER);

    LogLimiter(Duration period) {
        this.period = period.toNanos();
    }

    /** Returns whether a line may be logged now. If so, no other line may be logged until the period has passed. */
    boolean tryAcquire() {
        long last = lastAt.get();
        long now = System.nanoTime();
        return (last == NEVER || now - last >= period) && lastAt.compareAndSet(last, now);
    }
}
