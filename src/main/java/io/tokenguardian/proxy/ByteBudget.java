package io.tokenguardian.proxy;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all requests together may keep for one purpose; on any thread. */
final class ByteBudget {

    private final AtomicLong left;

    ByteBudget(long total) {
        left = new AtomicLong(total);
    }

    /** Takes {@code bytes} if so many are left. */
    boolean take(long bytes) {
        if (left.addAndGet(-bytes) >= 0) {
            return true;
        }
        left.addAndGet(bytes);
        return false;
    }

    void giveBack(long bytes) {
        left.addAndGet(bytes);
    }

    long left() {
        return left.get();
    }
}
