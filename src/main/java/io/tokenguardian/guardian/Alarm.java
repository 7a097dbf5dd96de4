package io.tokenguardian.guardian;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What one thread waits for between its turns: a moment, or that any other thread wakes it. Woken while it does not wait,
 * it does not wait the next time.
 */
public final class Alarm {

    /** Bounds a wait whose end is further away than a semaphore can count. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final Semaphore woken = new Semaphore(0);

    /** Ends the wait, or the next one; from any thread. */
    public void wake() {
        woken.release();
    }

    /** Waits until {@code next} as seen at {@code now}, or an hour, or until woken. */
    public void await(Instant next, Instant now) throws InterruptedException {
        boolean far = next.isAfter(now.plus(LONGEST_WAIT));
        await(far ? LONGEST_WAIT : Duration.between(now, next));
    }

    /** Waits for this long, or until woken. */
    public void await(Duration longest) throws InterruptedException {
        woken.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS);
        woken.drainPermits();
    }
}
