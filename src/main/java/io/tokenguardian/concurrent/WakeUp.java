package io.tokenguardian.concurrent;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A wait of one thread that any other thread can end. If the thread is woken while it is not waiting, its next wait
 * ends at once.
 */
public final class WakeUp {
    private final Semaphore woken = new Semaphore(0);

    WakeUp() {}

    void wake() {
        woken.release();
    }

    /**
     * Waits until woken, at most for {@code atMost}.
     *
     * @return whether it was woken
     */
    public boolean await(Duration atMost) throws InterruptedException {
        boolean ended = woken.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
        woken.drainPermits();
        return ended;
    }
}
