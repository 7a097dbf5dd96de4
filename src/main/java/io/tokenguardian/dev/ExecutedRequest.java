package io.tokenguardian.dev;

import org.jspecify.annotations.Nullable;

/**
 * A request that was authenticated, authorised and carried out: what must never happen twice for one call.
 *
 * @param user the name the server knows the caller by
 * @param tokenId {@code jti} of the token; null for anonymous
 * @param bodyLength bytes of the request's body
 * @param bodySha256 their digest in hex; null if there were none
 */
public record ExecutedRequest(
        RequestHead head,
        String user,
        @Nullable String tokenId,
        long bodyLength,
        @Nullable String bodySha256) {}
