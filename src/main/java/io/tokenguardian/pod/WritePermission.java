package io.tokenguardian.pod;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.pod.PodApi.WriteResult;
import io.tokenguardian.token.PrintableText;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import org.jboss.logging.Logger;

/**
 * Whether the service account may write one kind of object, and when to retry if not: the role may be applied after the
 * pod has started. Logs the first refusal and the first success after it. Not thread-safe.
 */
final class WritePermission {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private final String key;
    private final String needed;
    private final String manifests;
    private final DoubleSupplier chance;
    private int refusals;
    private Instant dueAt = Instant.MIN;

    /** @param role the manifests that grant the permission {@code needed} */
    WritePermission(String key, String needed, String role, DoubleSupplier chance) {
        this.key = key;
        this.needed = needed;
        this.manifests = role;
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
    void onOutcome(WriteResult outcome, PodIdentity pod, Instant now) {
        if (outcome instanceof WriteResult.Denied forbidden) {
            refusals++;
            dueAt = now.plus(Backoff.FORBIDDEN.pause(refusals, chance));
            if (refusals == 1) {
                LOG.warnf(
                        "%s=forbidden The API server does not let this pod %s: \"%s\". If a role is missing, apply %s. The"
                                + " write is retried at least every 5 minutes.",
                        key, needed, PrintableText.of(forbidden.message()), manifests);
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
