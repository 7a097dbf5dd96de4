package io.tokenguardian.concurrent;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A daemon thread that repeats {@link Loop#runOnce()} (one turn) and a wait, until it is closed.
 *
 * <p>A turn that throws ends the thread, and one log line gives the reason. An {@link OutOfMemoryError} also ends it,
 * but is left to the uncaught-exception handler. {@link #threads()} reports the failure, a turn that takes too long,
 * and a thread that was not started.
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

    /** Upper bound of each wait: a longer duration may not fit into nanoseconds. */
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
     * Does not start the thread.
     *
     * @param name the thread's name
     * @param longestTurn a turn that takes longer is reported as a fault: it will probably never end
     */
    public LoopThread(String name, Duration longestTurn, Loop loop) {
        this(name, longestTurn, loop, System::nanoTime);
    }

    /** @param nanoTime monotonic time in nanoseconds */
    public LoopThread(String name, Duration longestTurn, Loop loop, LongSupplier nanoTime) {
        this.loop = loop;
        this.longestTurn = longestTurn;
        this.nanoTime = nanoTime;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /** Starts the thread; call it only once. */
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

    /** Starts the next turn at once, or right after the present one. May be called from any thread. */
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
        return turning.compareTo(longestTurn) > 0 ? "has been busy for " + turning.toSeconds() + " s" : null;
    }

    private void run() {
        try {
            while (!closed) {
                runOnce();
            }
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (InterruptedException | RuntimeException | Error e) {
            logEnd(e);
        } finally {
            loop.onEnd();
        }
    }

    private void runOnce() throws InterruptedException {
        turningSince = nanoTime.getAsLong();
        Duration pause = loop.runOnce();
        turningSince = null;
        if (pause.compareTo(Duration.ZERO) > 0) {
            loop.await(pause.compareTo(LONGEST_WAIT) < 0 ? pause : LONGEST_WAIT, wakeUp);
        }
    }

    private void logEnd(Throwable failure) {
        if (closed) {
            LOG.debugf("thread=closed %s %s", thread.getName(), FailureLine.of(failure));
        } else {
            LOG.errorf("thread=ended %s %s", thread.getName(), FailureLine.of(failure));
        }
    }

    /** Ends the thread and interrupts its turn or wait. Returns at once. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    /** Ends the thread after its present turn, without an interrupt. Returns at once. */
    public void closeAfterTurn() {
        closed = true;
        wake();
    }

    /** Waits at most {@code atMost} for the thread's end. An interrupt ends the wait. No-op on the thread itself. */
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
