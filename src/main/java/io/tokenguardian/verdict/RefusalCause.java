package io.tokenguardian.verdict;

import java.time.Instant;

/**
 * Why a replica responded with 401, derived from the {@code Date} of that response and the token's validity window.
 * Both are whole seconds. {@code Date} is written after the check and truncated (docs/api-server.md, 401 responses). So
 * {@link #NOT_YET_VALID} is certain, {@link #EXPIRED} means that the window has certainly ended, and {@link #CROSSING}
 * is only likely.
 */
public enum RefusalCause {
    /** {@code Date} before {@code from}: the replica's clock has not reached the window. Waiting fixes it. */
    NOT_YET_VALID,

    /**
     * {@code Date} equal to {@code from}: the validity window probably began after the check. Retry at once, a few
     * times.
     */
    CROSSING,

    /**
     * {@code Date} at or after {@code until}: the validity window has ended there. This replica accepts only another
     * token.
     */
    EXPIRED,

    /** Inside the window: a reason that waiting does not fix, such as audience, signature or a deleted account. */
    OTHER;

    /** The cause of a 401 with this {@code date}, for a token with this {@code window}. */
    public static RefusalCause of(ValidityWindow window, Instant date) {
        Instant from = window.from();
        if (from != null && date.isBefore(from)) {
            return NOT_YET_VALID;
        }
        if (from != null && date.equals(from)) {
            return CROSSING;
        }
        Instant until = window.until();
        return until != null && !date.isBefore(until) ? EXPIRED : OTHER;
    }
}
