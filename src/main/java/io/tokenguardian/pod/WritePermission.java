package io.tokenguardian.pod;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.pod.PodApi.WriteResult;
import io.tokenguardian.token.PrintableText;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import org.jboss.logging.Logger;

/**
 * Whether the service account may write the condition, and when to retry if not: the role may be applied after the pod
 * has started. Logs the first refusal and the first success after it. Not thread-safe.
 */
final class WritePermission {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private final DoubleSupplier chance;
    private int refusals;
    private Instant dueAt = Instant.MIN;

    WritePermission(DoubleSupplier chance) {
        this.chance = chance;
    }

    boolean isDue(Instant now) {
        return !now.isBefore(dueAt);
    }

    /** Returns when a refused write may be retried; {@link Instant#MAX} if the last write was not refused. */
    Instant retryAt() {
        return refusals > 0 ? dueAt : Instant.MAX;
    }

    /**
     * Takes any outcome except {@code Failed}. The API server checks the permission before it looks for the object, so
     * {@code Gone} means that the write is permitted.
     */
    void onOutcome(WriteResult outcome, Instant now) {
        if (outcome instanceof WriteResult.Denied forbidden) {
            refusals++;
            dueAt = now.plus(Backoff.FORBIDDEN.pause(refusals, chance));
            if (refusals == 1) {
                LOG.warnf(
                        "pod-condition=forbidden The API server does not let this pod patch pods/status: \"%s\". If a role"
                                + " is missing, apply k8s/rbac/pod-condition. The write is retried at least every 5"
                                + " minutes.",
                        PrintableText.of(forbidden.message()));
            }
        } else {
            if (refusals > 0) {
                LOG.info("pod-condition=allowed The service account may patch pods/status now.");
            }
            refusals = 0;
            dueAt = Instant.MIN;
        }
    }
}
