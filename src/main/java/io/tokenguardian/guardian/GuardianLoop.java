package io.tokenguardian.guardian;

import java.time.InstantSource;
import org.jboss.logging.Logger;

/**
 * The thread that turns a guardian whenever a turn is due or something has happened. Should a turn
 * ever throw, the thread ends, and {@link #isAlive()} tells whoever can restart the process.
 */
public final class GuardianLoop implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(GuardianLoop.class);

    private final Guardian guardian;
    private final InstantSource timeline;
    private final Alarm alarm = new Alarm();
    private final Thread thread;

    /** The thread is {@code guardian}. */
    public GuardianLoop(Guardian guardian, InstantSource timeline) {
        this(guardian, timeline, "guardian");
    }

    GuardianLoop(Guardian guardian, InstantSource timeline, String name) {
        this.guardian = guardian;
        this.timeline = timeline;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((failed, failure) -> LOG.error("The control loop has failed", failure));
    }

    public void start() {
        thread.start();
    }

    /** Makes a turn due at once; from any thread. */
    public void wake() {
        alarm.wake();
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        try (guardian) {
            while (!Thread.currentThread().isInterrupted()) {
                alarm.await(guardian.turn(), timeline.instant());
            }
        } catch (InterruptedException e) {
            // close() has been called.
        }
    }

    /** Ends the thread. A question that is under way is given up. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
