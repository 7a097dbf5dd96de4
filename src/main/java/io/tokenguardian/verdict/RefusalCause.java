package io.tokenguardian.verdict;

import java.time.Instant;

/**
 * Why a replica answered 401, read from that answer's own {@code Date} and the token's window. Both are whole
 * seconds, and {@code Date} is written after the check and truncated (docs/api-server.md, 401 responses), which makes
 * the first three certain.
 */
public enum RefusalCause {
    /** {@code Date} before {@code from}: the replica's clock has not reached the window. Heals by itself. */
    NOT_YET_VALID,

    /** {@code Date} equal to {@code from}: the window opened while the answer was on its way. Ask again at once. */
    CROSSING,

    /** {@code Date} at or after {@code until}: over. Only another token helps. */
    EXPIRED,

    /** Inside the window: a reason that time does not heal, such as audience, signature or a deleted account. */
    OTHER;

    /** The cause of a 401 dated {@code date} for a token with this {@code window}. */
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
