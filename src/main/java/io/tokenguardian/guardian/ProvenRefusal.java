package io.tokenguardian.guardian;

import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Answers about other tokens can prove that a replica refuses an accepted token. This keeps the refusal that lasts
 * longest. Not thread-safe.
 */
final class ProvenRefusal {
    private Verdict.@Nullable NotYetValid refusal;
    private Instant until = Instant.MIN;

    /** Takes another refusal; null for none. */
    void take(Verdict.@Nullable NotYetValid proven) {
        Instant end = proven == null ? null : proven.acceptableBy();
        if (end != null && end.isAfter(until)) {
            refusal = proven;
            until = end;
        }
    }

    /** The one that still lasts at {@code now}; null if none does. */
    Verdict.@Nullable NotYetValid at(Instant now) {
        return now.isBefore(until) ? refusal : null;
    }
}
