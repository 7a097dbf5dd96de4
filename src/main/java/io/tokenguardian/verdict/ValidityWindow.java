package io.tokenguardian.verdict;

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
}
