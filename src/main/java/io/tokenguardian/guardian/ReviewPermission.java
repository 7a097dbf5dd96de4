package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import org.jboss.logging.Logger;

/** Whether the service account may send TokenReviews: allowed until one is forbidden. May be used from any thread. */
final class ReviewPermission {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    static final Duration RETRY_AFTER = Duration.ofHours(1);

    /** The maximum time until the result of a review arrives. */
    private static final Duration RESPONSE_BY = Duration.ofMinutes(1);

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final DoubleSupplier chance;
    private volatile boolean forbidden;
    private volatile Instant askAt = Instant.MIN;

    /** {@code chance} is as for {@link Backoff#pause}. */
    ReviewPermission(DoubleSupplier chance) {
        this.chance = chance;
    }

    /** Adds a listener, which is called on any thread and must return at once. */
    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    boolean isForbidden() {
        return forbidden;
    }

    /** Returns the earliest instant for the next review. */
    Instant askAt() {
        return askAt;
    }

    /** While reviews are forbidden, no other review is sent until this review has a result. */
    void onSent(Instant now) {
        synchronized (listeners) {
            askAt = forbidden ? now.plus(RESPONSE_BY) : askAt;
        }
    }

    void onResult(ProbeOutcome outcome, Instant now) {
        if (outcome instanceof ProbeOutcome.Forbidden) {
            forbidden(now);
        } else if (!(outcome instanceof ProbeOutcome.Unavailable || outcome instanceof ProbeOutcome.Unreachable)) {
            onAllowed();
        }
    }

    void forbidden(Instant now) {
        if (set(true, now.plus(Backoff.shortened(RETRY_AFTER, chance)))) {
            LOG.warn("reviews=forbidden The service account may not create tokenreviews. Apply k8s/rbac/token-review to"
                    + " allow it. Until then, tokens for other audiences are judged only by the clocks of the API"
                    + " servers.");
        }
    }

    void onAllowed() {
        if (set(false, Instant.MIN)) {
            LOG.info("reviews=allowed The API server judges tokens for other audiences.");
        }
    }

    /** Sets both fields at once: two threads may set them concurrently. Returns whether {@code forbidden} changed. */
    private boolean set(boolean nowForbidden, Instant nextAskAt) {
        synchronized (listeners) {
            askAt = nextAskAt;
            if (forbidden == nowForbidden) {
                return false;
            }
            forbidden = nowForbidden;
        }
        listeners.forEach(Runnable::run);
        return true;
    }
}
