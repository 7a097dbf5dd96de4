package io.tokenguardian.proxy;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all requests together may keep for sending again. */
final class ReplayBudget {

    private final AtomicLong left;

    ReplayBudget(long total) {
        left = new AtomicLong(total);
    }

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
