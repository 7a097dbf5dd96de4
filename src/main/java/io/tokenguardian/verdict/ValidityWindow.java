package io.tokenguardian.verdict;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The time during which an API server replica accepts a token, on that replica's clock: the window given by the claims,
 * extended by the leeway on both sides (docs/api-server.md, Token validity).
 *
 * @param from the first acceptable instant, {@code max(nbf, iat) − leeway}; null if the token has neither claim
 * @param until the last acceptable instant, {@code exp + leeway}; null if the token never expires
 */
public record ValidityWindow(
        @Nullable Instant from, @Nullable Instant until) {

    /** A window without a beginning or an end. */
    public static final ValidityWindow UNBOUNDED = new ValidityWindow(null, null);

    /**
     * Returns the window of {@code token} for an API server with this {@code leeway} (60 s in every release so far).
     */
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
