package io.tokenguardian.gate;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.gate.PodApi.Outcome;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import org.jboss.logging.Logger;

/**
 * Whether the service account may write one kind of thing, and when to try again while it may not: a role may be applied after
 * the pod has started. The log has a line for the first refusal, and one for the write that follows it at last. For one
 * thread.
 */
final class WritePermission {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private final String key;
    private final String needed;
    private final String role;
    private final DoubleSupplier chance;
    private int refusals;
    private Instant dueAt = Instant.MIN;

    /**
     * @param key of the lines of the log
     * @param needed what the service account has to be allowed to do
     * @param role the manifests that allow it
     * @param chance from 0 (inclusive) to 1 (exclusive)
     */
    WritePermission(String key, String needed, String role, DoubleSupplier chance) {
        this.key = key;
        this.needed = needed;
        this.role = role;
        this.chance = chance;
    }

    /** Whether a write may be tried at {@code now}. */
    boolean isDue(Instant now) {
        return !now.isBefore(dueAt);
    }

    /** When a write that was refused may be tried again; far away when the last one was not refused. */
    Instant retryAt() {
        return refusals > 0 ? dueAt : Instant.MAX;
    }

    /**
     * Takes what became of a write at {@code now}. The API server looks for the object only after it has let the caller in, so
     * that one that is gone says that it may be written.
     *
     * @param outcome an answer of the API server's
     */
    void take(Outcome outcome, PodIdentity pod, Instant now) {
        if (outcome instanceof Outcome.Forbidden) {
            refusals++;
            dueAt = now.plus(Backoff.FORBIDDEN.pause(refusals, chance));
            if (refusals == 1) {
                LOG.warnf(
                        "%s=forbidden The service account may not %s in namespace %s: %s allows it. It is tried again, at"
                                + " least every 5 minutes.",
                        key, needed, pod.namespace(), role);
            }
        } else {
            if (refusals > 0) {
                LOG.infof("%s=allowed The service account may %s now.", key, needed);
            }
            refusals = 0;
            dueAt = Instant.MIN;
        }
    }
}
