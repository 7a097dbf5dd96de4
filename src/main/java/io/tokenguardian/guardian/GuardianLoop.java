package io.tokenguardian.guardian;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * The thread {@code guardian}, which turns the guardian whenever a turn is due or something has happened. Should a turn
 * ever throw, the thread ends, and {@link #isAlive()} tells whoever can restart the process.
 */
public final class GuardianLoop implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(GuardianLoop.class);

    /** Bounds a wait whose end is further away than a semaphore can count. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final Guardian guardian;
    private final InstantSource timeline;
    private final Semaphore woken = new Semaphore(0);
    private final Thread thread;

    public GuardianLoop(Guardian guardian, InstantSource timeline) {
        this.guardian = guardian;
        this.timeline = timeline;
        this.thread = new Thread(this::run, "guardian");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((failed, failure) -> LOG.error("The control loop has failed", failure));
    }

    public void start() {
        thread.start();
    }

    /** Makes a turn due at once; from any thread. */
    public void wake() {
        woken.release();
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        try (guardian) {
            while (!Thread.currentThread().isInterrupted()) {
                await(guardian.turn());
            }
        } catch (InterruptedException e) {
            // close() has been called.
        }
    }

    private void await(Instant next) throws InterruptedException {
        Instant now = timeline.instant();
        boolean far = next.isAfter(now.plus(LONGEST_WAIT));
        Duration wait = far ? LONGEST_WAIT : Duration.between(now, next);
        woken.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS);
        woken.drainPermits();
    }

    /** Ends the thread. A question that is under way is given up. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
