package io.tokenguardian.concurrent;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Lets one thread wait until another wakes it. If woken while it is not waiting, its next wait ends at once. */
final class WakeUp {
    private final Semaphore woken = new Semaphore(0);

    void wake() {
        woken.release();
    }

    /** Returns whether the thread was woken. */
    boolean await(Duration atMost) throws InterruptedException {
        boolean ended = woken.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
        woken.drainPermits();
        return ended;
    }
}
