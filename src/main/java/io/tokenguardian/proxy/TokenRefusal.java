package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/**
 * Records that a replica's clock makes it refuse {@code token}.
 *
 * @param validityStart until when it refuses the token as not yet valid; null if it calls the token expired
 */
record TokenRefusal(Token token, @Nullable ValidityStart validityStart) {

    /** Whether the replica certainly or possibly still refuses the token at {@code now}. */
    boolean mayHoldAt(long now) {
        return validityStart == null || now - validityStart.latest() < 0;
    }

    /** Combines this with a newer refusal of the same token by the same replica. */
    TokenRefusal narrowedBy(TokenRefusal newer) {
        return validityStart == null || newer.validityStart == null
                ? newer
                : new TokenRefusal(token, validityStart.narrowedBy(newer.validityStart));
    }
}
