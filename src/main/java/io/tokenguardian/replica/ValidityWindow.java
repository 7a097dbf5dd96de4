package io.tokenguardian.replica;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a replica accepts a token, on its clock: the claims plus leeway (docs/api-server.md, Token validity).
 *
 * @param from {@code max(nbf, iat) − leeway}; null if the token has neither claim
 * @param until {@code exp + leeway}; null if the token never expires
 */
public record ValidityWindow(
        @Nullable Instant from, @Nullable Instant until) {

    public static final ValidityWindow UNBOUNDED = new ValidityWindow(null, null);

    /** {@code leeway} is 60 s in every release so far. */
    public static ValidityWindow of(Token token, Duration leeway) {
        Instant expiresAt = token.claims().expiresAt();
        return new ValidityWindow(
                token.claims()
                        .validFrom()
                        .map(validFrom -> validFrom.minus(leeway))
                        .orElse(null),
                expiresAt == null ? null : expiresAt.plus(leeway));
    }

    /**
     * Returns what a 401 with this {@code Date} shows. {@code Date} is written after the check, and truncated
     * (docs/api-server.md, 401 responses). Before {@code from}, the finding is certain. At {@code from}, the window has
     * probably begun after the check, so another attempt at once is worthwhile.
     */
    public Finding refusedAt(Instant date) {
        if (from != null && !date.isAfter(from)) {
            return Finding.NOT_YET_VALID;
        }
        return until != null && !date.isBefore(until) ? Finding.EXPIRED : Finding.REFUSED;
    }
}
