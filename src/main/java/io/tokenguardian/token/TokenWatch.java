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
 * The thread {@code token-watch}, which reads the token file when its mount directory changes, and in any case once
 * a polling interval. It publishes the first reading and then every change. A token that is written again unchanged
 * is no change.
 */
public final class TokenWatch implements Watched, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TokenWatch.class);
    /** Reading a small file takes milliseconds, and the listener returns at once. */
    static final Duration LONGEST_TURN = Duration.ofSeconds(30);

    private static final Duration END_WITHIN = Duration.ofSeconds(2);

    private final TokenFile file;
    private final Duration pollInterval;
    private final Consumer<TokenReading> listener;
    private final MountWatch mount;
    private final LoopThread thread;
    private volatile boolean closed;
    private @Nullable TokenReading published;

    /**
     * @param pollInterval longer than zero
     * @param listener called on the watch's thread, which waits for it; a reading it throws at is not published again
     */
    public TokenWatch(TokenFile file, Duration pollInterval, Consumer<TokenReading> listener) {
        this("token-watch", file, pollInterval, listener);
    }

    /** @param name of the thread, in place of {@code token-watch} */
    public TokenWatch(String name, TokenFile file, Duration pollInterval, Consumer<TokenReading> listener) {
        this(name, file, pollInterval, listener, FileSystems.getDefault()::newWatchService, System::nanoTime);
    }

    TokenWatch(
            String name,
            TokenFile file,
            Duration pollInterval,
            Consumer<TokenReading> listener,
            MountWatch.Source source,
            LongSupplier nanoTime) {
        if (pollInterval.isNegative() || pollInterval.isZero()) {
            throw new IllegalArgumentException("the polling interval must be longer than zero: " + pollInterval);
        }
        this.file = file;
        this.pollInterval = pollInterval;
        this.listener = listener;
        this.mount = new MountWatch(file.mount(), source);
        this.thread = new LoopThread(name, LONGEST_TURN, new Looking(), nanoTime);
    }

    /** Starts the thread, once; the first reading is published soon after. */
    public void start() {
        thread.start();
    }

    @Override
    public List<ThreadState> threads() {
        return thread.threads();
    }

    private final class Looking implements Loop {
        @Override
        public Duration turn() {
            mount.register();
            look();
            return pollInterval;
        }

        /** Nobody wakes this thread but the system, when the mount has changed. */
        @Override
        public void await(Duration atMost, WakeUp wakeUp) throws InterruptedException {
            mount.await(atMost);
        }

        @Override
        public void end() {
            mount.close();
        }
    }

    /** Reads once, and publishes what is new. */
    void look() {
        TokenReading reading = file.read();
        // Closing interrupts the thread, so that a reading made meanwhile may be a failure that is none.
        if (closed || (published != null && published.saysTheSameAs(reading))) {
            return;
        }
        published = reading;
        try {
            listener.accept(reading);
        } catch (RuntimeException | Error e) {
            // Without this thread no rotated token would ever be seen.
            LOG.errorf(e, "A change of the token file %s was not dealt with", file.path());
        }
    }

    /** Ends the thread, interrupting it, and waits for that up to two seconds; nothing is published from then on. */
    @Override
    public void close() {
        closed = true;
        thread.close();
        thread.join(END_WITHIN);
    }
}
