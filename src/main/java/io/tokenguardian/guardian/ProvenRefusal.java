package io.tokenguardian.guardian;

import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A proof, from a result about another token, that a replica refuses an accepted token. If several refusals are proven,
 * the refusal that lasts longest is kept. Not thread-safe.
 */
final class ProvenRefusal {
    private Verdict.@Nullable NotYetValid refusal;
    private Instant until = Instant.MIN;

    /** Takes another proven refusal; null if nothing was proven. */
    void take(Verdict.@Nullable NotYetValid proven) {
        Instant end = proven == null ? null : proven.acceptableBy();
        if (end != null && end.isAfter(until)) {
            refusal = proven;
            until = end;
        }
    }

    /** Returns the refusal that still lasts at {@code now}; null if none does. */
    Verdict.@Nullable NotYetValid at(Instant now) {
        return now.isBefore(until) ? refusal : null;
    }
}
