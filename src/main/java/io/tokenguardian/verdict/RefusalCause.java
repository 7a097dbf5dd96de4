package io.tokenguardian.verdict;

import java.time.Instant;

/**
 * Why a replica responded with 401, derived from the {@code Date} of that response and the token's validity window.
 * Both are in whole seconds. {@code Date} is written after the check, and truncated (docs/api-server.md, 401
 * responses). Therefore, {@link #NOT_YET_VALID} is certain, {@link #EXPIRED} means that the window has certainly ended,
 * and {@link #CROSSING} is only probable.
 */
public enum RefusalCause {
    /** {@code Date} is before {@code from}: the replica's clock has not reached the window. Waiting fixes this. */
    NOT_YET_VALID,

    /**
     * {@code Date} equals {@code from}: the validity window probably began after the check. Retry immediately, but only
     * a few times.
     */
    CROSSING,

    /**
     * {@code Date} is at or after {@code until}: on the replica's clock, the validity window has ended. The replica
     * needs a different token.
     */
    EXPIRED,

    /**
     * {@code Date} is inside the window: the reason is something that waiting does not fix, such as the audience, the
     * signature or a deleted account.
     */
    OTHER;

    /** Returns the cause of a 401 with this {@code date}, for a token with this {@code window}. */
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
