package io.tokenguardian.concurrent;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A wait of one thread that any other thread can end. One that is woken while it does not wait, does not wait the next time. */
public final class WakeUp {
    private final Semaphore woken = new Semaphore(0);

    WakeUp() {}

    void wake() {
        woken.release();
    }

    /** Waits for this long, or until woken. */
    public void await(Duration atMost) throws InterruptedException {
        woken.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
        woken.drainPermits();
    }
}
