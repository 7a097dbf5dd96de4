package io.tokenguardian.guardian;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.logging.Logger;

/**
 * Whether the service account may ask the API server about other tokens. Nobody knows before the first question; one that is
 * refused is not asked again for an hour. From any thread.
 */
final class ReviewPermission {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    static final Duration ASK_AGAIN = Duration.ofHours(1);

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean forbidden;
    private volatile Instant askAt = Instant.MIN;

    /** Has {@code listener} called after each change, on the thread that asked: it must return at once. */
    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Whether the last answer was that it may not. */
    boolean isForbidden() {
        return forbidden;
    }

    /** From when on it may be tried. */
    Instant askAt() {
        return askAt;
    }

    void forbidden(Instant now) {
        askAt = now.plus(ASK_AGAIN);
        if (isChangedTo(true)) {
            LOG.warn(
                    "reviews=forbidden The service account may not create tokenreviews: k8s/rbac/token-review allows it."
                            + " Until then further tokens are judged by the clocks of the API servers alone.");
        }
    }

    void allowed() {
        askAt = Instant.MIN;
        if (isChangedTo(false)) {
            LOG.info("reviews=allowed Further tokens are judged by the API server.");
        }
    }

    private boolean isChangedTo(boolean now) {
        synchronized (listeners) {
            if (forbidden == now) {
                return false;
            }
            forbidden = now;
        }
        listeners.forEach(Runnable::run);
        return true;
    }
}
