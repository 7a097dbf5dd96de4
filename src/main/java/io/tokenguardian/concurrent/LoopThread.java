package io.tokenguardian.concurrent;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A daemon thread that repeats {@link Loop#runOnce()} (one turn) and a wait, until it is closed. A turn that throws is
 * logged and counted, and the next turn follows after a pause, so no input can end the thread. Only an
 * {@link OutOfMemoryError}, which is left to the uncaught-exception handler, ends it.
 *
 * <pre>
 *   not started ──start()──► turning ◄──► waiting
 *                              ▲ │ throws   │ close()
 *                              │ ▼          ▼
 *                             paused      closed
 * </pre>
 */
public final class LoopThread implements Watched, AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** The maximum length of a wait, because a longer duration in nanoseconds may not fit into a {@code long}. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private static final Backoff AFTER_FAILURE = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30));

    /** A thread has a fault if all of its turns have thrown for longer than this. */
    private static final Duration LONGEST_FAILURE = Duration.ofMinutes(1);

    private final Loop loop;
    private final Duration longestTurn;
    private final LongSupplier nanoTime;
    private final WakeUp wakeUp = new WakeUp();
    private final Thread thread;
    private final AtomicInteger failedTurns = new AtomicInteger();
    private volatile boolean started;
    private volatile boolean closed;
    private volatile @Nullable Long turningSince;
    private volatile @Nullable Long failingSince;
    private int failuresInARow;

    /** A turn longer than {@code longestTurn} is reported as a fault, because it will probably never end. */
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

    /** Starts the thread. Call this only once. */
    public void start() {
        started = true;
        thread.start();
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    /** Starts the next turn at once or, if a turn is running, as soon as it ends. May be called from any thread. */
    public void wake() {
        wakeUp.wake();
    }

    @Override
    public List<ThreadState> threads() {
        return List.of(new ThreadState(thread.getName(), fault(), failedTurns.get()));
    }

    private @Nullable String fault() {
        if (closed) {
            return null;
        }
        if (!started) {
            return "has not been started";
        }
        if (thread.getState() == Thread.State.TERMINATED) {
            return "has ended; see the log";
        }
        Duration turning = since(turningSince);
        if (turning.compareTo(longestTurn) > 0) {
            return "has been busy for " + turning.toSeconds() + " s";
        }
        Duration failing = since(failingSince);
        return failing.compareTo(LONGEST_FAILURE) > 0
                ? "has failed for " + failing.toSeconds() + " s; see the log"
                : null;
    }

    private Duration since(@Nullable Long start) {
        return start == null ? Duration.ZERO : Duration.ofNanos(nanoTime.getAsLong() - start);
    }

    private void run() {
        try {
            while (!closed) {
                runOnce();
            }
        } finally {
            loop.onEnd();
        }
    }

    private void runOnce() {
        try {
            turningSince = nanoTime.getAsLong();
            Duration pause = loop.runOnce();
            turningSince = null;
            failingSince = null;
            failuresInARow = 0;
            if (pause.compareTo(Duration.ZERO) > 0) {
                wakeUp.await(pause.compareTo(LONGEST_WAIT) < 0 ? pause : LONGEST_WAIT);
            }
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (InterruptedException | RuntimeException | Error e) {
            onFailure(e);
        }
    }

    private void onFailure(Throwable failure) {
        turningSince = null;
        if (closed) {
            LOG.debugf("thread=closed %s %s", thread.getName(), FailureLine.of(failure));
            return;
        }
        if (failingSince == null) {
            failingSince = nanoTime.getAsLong();
        }
        failedTurns.incrementAndGet();
        failuresInARow++;
        Duration pause = AFTER_FAILURE.pause(failuresInARow, () -> 0);
        LOG.errorf(
                failuresInARow == 1 ? failure : null,
                "thread=failed %s %s; the next turn is in %d ms",
                thread.getName(),
                FailureLine.of(failure),
                pause.toMillis());
        pauseAfterFailure(pause);
    }

    /** {@link #wake()} does not cut the pause short, because otherwise each event would cause another failure. */
    private void pauseAfterFailure(Duration pause) {
        try {
            long end = nanoTime.getAsLong() + pause.toNanos();
            long left = pause.toNanos();
            while (!closed && left > 0 && wakeUp.await(Duration.ofNanos(left))) {
                left = end - nanoTime.getAsLong();
            }
        } catch (InterruptedException e) {
            LOG.debugf("thread=interrupted %s", thread.getName());
        }
    }

    /** Ends the thread, and interrupts its turn or wait. Returns at once. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    /** Ends the thread after its current turn, without an interrupt. Returns at once. */
    public void closeAfterTurn() {
        closed = true;
        wake();
    }

    /** Waits up to {@code atMost} for the end. An interrupt ends the wait. Does nothing on the thread itself. */
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
