package io.tokenguardian.proxy.http;

import java.util.concurrent.atomic.AtomicLong;

/** A limit on the bytes that all requests together may keep in memory for one purpose. Thread-safe. */
public final class ByteBudget {

    private final AtomicLong left;

    public ByteBudget(long total) {
        left = new AtomicLong(total);
    }

    /** Returns whether {@code bytes} were left and have been taken. */
    public boolean take(long bytes) {
        for (long now = left.get(); now >= bytes; now = left.get()) {
            if (left.compareAndSet(now, now - bytes)) {
                return true;
            }
        }
        return false;
    }

    public void giveBack(long bytes) {
        left.addAndGet(bytes);
    }

    public long left() {
        return left.get();
    }
}
