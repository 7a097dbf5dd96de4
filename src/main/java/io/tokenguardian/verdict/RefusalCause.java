package io.tokenguardian.verdict;

import java.time.Instant;

/**
 * Why a replica responded with 401. {@code Date} is written after the check, and truncated (docs/api-server.md, 401
 * responses). Therefore, {@link #NOT_YET_VALID} is certain, {@link #EXPIRED} means that the window has certainly ended,
 * and {@link #CROSSING} is only probable.
 */
public enum RefusalCause {
    /** {@code Date} is before {@code from}: the replica's clock has not reached the window. Waiting fixes this. */
    NOT_YET_VALID,

    /** {@code Date} equals {@code from}: the window probably began after the check. Retry at once, a few times only. */
    CROSSING,

    /** {@code Date} is at or after {@code until}: on the replica's clock, the window has ended. */
    EXPIRED,

    /** {@code Date} is inside the window: waiting does not fix the cause, such as the audience or a deleted account. */
    OTHER;

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
