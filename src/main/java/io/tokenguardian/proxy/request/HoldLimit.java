package io.tokenguardian.proxy.request;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the waiting requests of all event loops and limits their number. Thread-safe. */
final class HoldLimit {

    /** Far more than an app has in progress, and few enough to send together after the hold (32 to 65 ms of CPU). */
    static final int MOST = 1024;

    private final AtomicInteger waiting = new AtomicInteger();

    boolean tryEnter() {
        if (waiting.incrementAndGet() <= MOST) {
            return true;
        }
        waiting.decrementAndGet();
        return false;
    }

    void leave() {
        waiting.decrementAndGet();
    }
}
