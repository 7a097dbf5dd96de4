package io.tokenguardian.concurrent;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One daemon thread that takes turns at one {@link Loop} and waits between them, until it is closed.
 *
 * <p>A turn that throws ends the thread, and one line of the log says why. {@link #threads()} has that as a fault from then
 * on, and likewise a turn that takes too long, and that the thread has not been started. An {@link OutOfMemoryError} ends it
 * too, and is left to whoever handles it for the whole process.
 *
 * <pre>
 *   not started ──start()──► turning ◄──► waiting
 *                              │ throws      │ close()
 *                              ▼             ▼
 *                            ended         closed
 * </pre>
 */
public final class LoopThread implements Watched, AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** Bounds a wait whose end is further away than can be counted in nanoseconds. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final Loop loop;
    private final Duration longestTurn;
    private final LongSupplier nanoTime;
    private final WakeUp wakeUp = new WakeUp();
    private final Thread thread;
    private volatile boolean started;
    private volatile boolean closed;
    private volatile @Nullable Long turningSince;

    /**
     * Starts nothing yet.
     *
     * @param name the thread's
     * @param longestTurn a turn that takes longer than this will never end, as far as anybody can tell
     */
    public LoopThread(String name, Duration longestTurn, Loop loop) {
        this(name, longestTurn, loop, System::nanoTime);
    }

    /** @param nanoTime monotonic, in nanoseconds */
    public LoopThread(String name, Duration longestTurn, Loop loop, LongSupplier nanoTime) {
        this.loop = loop;
        this.longestTurn = longestTurn;
        this.nanoTime = nanoTime;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /** Starts the thread, once. */
    public void start() {
        started = true;
        thread.start();
    }

    public boolean isStarted() {
        return started;
    }

    /** Whether the thread has been started and has not ended. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    /** Has the next turn taken at once; from any thread. */
    public void wake() {
        wakeUp.wake();
    }

    @Override
    public List<ThreadState> threads() {
        return List.of(new ThreadState(thread.getName(), fault()));
    }

    private @Nullable String fault() {
        if (closed) {
            return null;
        }
        if (!started) {
            return "has not been started";
        }
        if (thread.getState() == Thread.State.TERMINATED) {
            return "has ended; the log says why";
        }
        Long since = turningSince;
        Duration turning = since == null ? Duration.ZERO : Duration.ofNanos(nanoTime.getAsLong() - since);
        return turning.compareTo(longestTurn) > 0 ? "has been at one turn for " + turning.toSeconds() + " s" : null;
    }

    private void run() {
        try {
            while (!closed) {
                turn();
            }
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (InterruptedException | RuntimeException | Error e) {
            ended(e);
        } finally {
            loop.end();
        }
    }

    private void turn() throws InterruptedException {
        turningSince = nanoTime.getAsLong();
        Duration pause = loop.turn();
        turningSince = null;
        if (pause.compareTo(Duration.ZERO) > 0) {
            loop.await(pause.compareTo(LONGEST_WAIT) < 0 ? pause : LONGEST_WAIT, wakeUp);
        }
    }

    private void ended(Throwable failure) {
        if (closed) {
            LOG.debugf("thread=closed %s %s", thread.getName(), FailureLine.of(failure));
        } else {
            LOG.errorf("thread=ended %s %s", thread.getName(), FailureLine.of(failure));
        }
    }

    /** Ends the thread, interrupting what it does; returns at once. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    /** Ends the thread after its turn, which is not interrupted; returns at once. */
    public void closeAfterTurn() {
        closed = true;
        wake();
    }

    /** Waits for the thread's end, at most that long; not at all on the thread itself. An interrupt ends the wait. */
    public void join(Duration atMost) {
        if (Thread.currentThread().equals(thread)) {
            return;
        }
        try {
            thread.join(atMost.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
