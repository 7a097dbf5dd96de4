package io.tokenguardian.token;

import java.nio.file.FileSystems;
import java.time.Duration;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The thread {@code token-watch}, which reads the token file when its mount directory changes, and in any case once
 * a polling interval. It publishes the first reading and then every change. A token that is written again unchanged
 * is no change.
 */
public final class TokenWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TokenWatch.class);
    private static final Duration END_WITHIN = Duration.ofSeconds(2);

    private final TokenFile file;
    private final Duration pollInterval;
    private final Consumer<TokenReading> listener;
    private final MountWatch mount;
    private final Thread thread = new Thread(this::run, "token-watch");
    private volatile boolean closed;
    private @Nullable TokenReading published;

    /**
     * @param pollInterval longer than zero
     * @param listener called on the watch's thread, which waits for it; a reading it throws at is not published again
     */
    public TokenWatch(TokenFile file, Duration pollInterval, Consumer<TokenReading> listener) {
        this(file, pollInterval, listener, FileSystems.getDefault()::newWatchService);
    }

    TokenWatch(TokenFile file, Duration pollInterval, Consumer<TokenReading> listener, MountWatch.Source source) {
        if (pollInterval.isNegative() || pollInterval.isZero()) {
            throw new IllegalArgumentException("the polling interval must be longer than zero: " + pollInterval);
        }
        this.file = file;
        this.pollInterval = pollInterval;
        this.listener = listener;
        this.mount = new MountWatch(file.mount(), source);
        thread.setDaemon(true);
    }

    /** Starts the thread, once; the first reading is published soon after. */
    public void start() {
        thread.start();
    }

    private void run() {
        try (mount) {
            while (!closed) {
                mount.register();
                look();
                mount.await(pollInterval);
            }
        } catch (InterruptedException e) {
            // close() has been called.
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
        thread.interrupt();
        if (!Thread.currentThread().equals(thread)) {
            try {
                thread.join(END_WITHIN.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
