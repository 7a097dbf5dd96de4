package io.tokenguardian.proxy;

import java.util.concurrent.atomic.AtomicInteger;

/** How many requests wait, over all event loops, and the bound on it. */
final class HeldRequests {

    private final int max;
    private final AtomicInteger waiting = new AtomicInteger();

    HeldRequests(int max) {
        this.max = max;
    }

    /** One more, if there is room. */
    boolean enter() {
        if (waiting.incrementAndGet() <= max) {
            return true;
        }
        waiting.decrementAndGet();
        return false;
    }

    void leave() {
        waiting.decrementAndGet();
    }

    int max() {
        return max;
    }
}
