package io.tokenguardian.token;

import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The thread {@code token-watch}, which reads the token file once per {@link #POLL_INTERVAL}. Publishes the first
 * reading and each change; the same token written again is no change.
 */
public final class TokenWatch implements Watched, AutoCloseable {
    /** A longer turn is a fault: a read takes milliseconds, and the listener returns at once. */
    static final Duration LONGEST_TURN = Duration.ofSeconds(30);

    /** A read is a few system calls. kubelet replaces a token long before it expires, so a second is soon enough. */
    public static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    private static final Duration END_WITHIN = Duration.ofSeconds(2);

    private final TokenFile file;
    private final Runnable beforeReading;
    private final Consumer<TokenReading> listener;
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
        this(file, POLL_INTERVAL, beforeReading, listener, System::nanoTime);
    }

    TokenWatch(
            TokenFile file,
            Duration pollInterval,
            Runnable beforeReading,
            Consumer<TokenReading> listener,
            LongSupplier nanoTime) {
        this.file = file;
        this.beforeReading = beforeReading;
        this.listener = listener;
        this.thread = new LoopThread(
                "token-watch",
                LONGEST_TURN,
                () -> {
                    poll();
                    return pollInterval;
                },
                nanoTime);
    }

    /** Call this only once. */
    public void start() {
        thread.start();
    }

    @Override
    public List<ThreadState> threads() {
        return thread.threads();
    }

    /** Reads the token even if {@code beforeReading} throws; otherwise no rotated token would be found. */
    void poll() {
        try {
            beforeReading.run();
        } finally {
            readToken();
        }
    }

    private void readToken() {
        TokenReading reading = file.read();
        // an interrupt from close() can make a readable file look unreadable
        if (closed || (published != null && published.isEquivalentTo(reading))) {
            return;
        }
        published = reading;
        listener.accept(reading);
    }

    /** Waits at most two seconds for the thread to end. A reading in progress is not published. */
    @Override
    public void close() {
        closed = true;
        thread.close();
        thread.join(END_WITHIN);
    }
}
