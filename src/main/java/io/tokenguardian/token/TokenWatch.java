package io.tokenguardian.token;

import io.tokenguardian.concurrent.Loop;
import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.WakeUp;
import io.tokenguardian.concurrent.Watched;
import java.nio.file.FileSystems;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The thread {@code token-watch}, which reads the token file when the mount directory changes, and at least once per
 * {@link #POLL_INTERVAL}. Publishes the first reading and each change; the same token written again is no change.
 */
public final class TokenWatch implements Watched, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TokenWatch.class);
    /** A longer turn is a fault: a read takes milliseconds, and the listener returns at once. */
    static final Duration LONGEST_TURN = Duration.ofSeconds(30);

    /**
     * The kernel reports no changes of some volumes, and limits the number of watches. A poll is a few system calls.
     */
    public static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    private static final Duration END_WITHIN = Duration.ofSeconds(2);

    private final TokenFile file;
    private final Duration pollInterval;
    private final Runnable beforeReading;
    private final Consumer<TokenReading> listener;
    private final MountWatch mount;
    private final LoopThread thread;
    private volatile boolean closed;
    private @Nullable TokenReading published;

    /**
     * @param beforeReading reads other files that may change together with the token; called before each reading, on
     *     the watch's thread
     * @param listener called on the watch's thread, which blocks until the call returns. If the listener throws, the
     *     reading is not published again
     */
    public TokenWatch(TokenFile file, Runnable beforeReading, Consumer<TokenReading> listener) {
        this(file, POLL_INTERVAL, beforeReading, listener, FileSystems.getDefault()::newWatchService, System::nanoTime);
    }

    TokenWatch(
            TokenFile file,
            Duration pollInterval,
            Runnable beforeReading,
            Consumer<TokenReading> listener,
            MountWatch.Source source,
            LongSupplier nanoTime) {
        this.file = file;
        this.pollInterval = pollInterval;
        this.beforeReading = beforeReading;
        this.listener = listener;
        this.mount = new MountWatch(file.mount(), source);
        this.thread = new LoopThread("token-watch", LONGEST_TURN, new ReadLoop(), nanoTime);
    }

    /** Call this only once. */
    public void start() {
        thread.start();
    }

    @Override
    public List<ThreadState> threads() {
        return thread.threads();
    }

    private final class ReadLoop implements Loop {
        @Override
        public Duration runOnce() {
            mount.register();
            guarded(beforeReading, "read the files beside");
            poll();
            return pollInterval;
        }

        /** Only a change to the mount directory ends the wait early. */
        @Override
        public void await(Duration atMost, WakeUp wakeUp) throws InterruptedException {
            mount.await(atMost);
        }

        @Override
        public void onEnd() {
            mount.close();
        }
    }

    void poll() {
        TokenReading reading = file.read();
        // an interrupt from close() can make a readable file look unreadable
        if (closed || (published != null && published.isEquivalentTo(reading))) {
            return;
        }
        published = reading;
        guarded(() -> listener.accept(reading), "handle a change to");
    }

    /** Continues after a fault; otherwise no rotated token would be found. */
    private void guarded(Runnable action, String what) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "Could not %s the token file %s", what, file.path());
        }
    }

    /** Waits at most two seconds for the thread to end. A reading in progress is not published. */
    @Override
    public void close() {
        closed = true;
        thread.close();
        thread.join(END_WITHIN);
    }
}
