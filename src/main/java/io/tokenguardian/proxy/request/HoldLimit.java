package io.tokenguardian.proxy.request;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the waiting requests of all event loops and limits their number. Thread-safe. */
final class HoldLimit {

    private final int max;
    private final AtomicInteger waiting = new AtomicInteger();

    HoldLimit(int max) {
        this.max = max;
    }

    /** Adds a waiting request if the limit allows. Returns whether the request was added. */
    boolean tryEnter() {
        if (waiting.incrementAndGet() <= max) {
            return true;
        }
        waiting.decrementAndGet();
        return false;
    }

    boolean isFull() {
        return waiting.get() >= max;
    }

    void leave() {
        waiting.decrementAndGet();
    }

    int max() {
        return max;
    }
}
