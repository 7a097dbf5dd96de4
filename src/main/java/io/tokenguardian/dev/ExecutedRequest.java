package io.tokenguardian.dev;

import org.jspecify.annotations.Nullable;

/**
 * A request that was authenticated, authorized and executed. No caller's request may be executed twice.
 *
 * @param user the server's name for the caller
 * @param tokenId {@code jti} of the token; null for an anonymous request
 * @param bodyLength length of the request's body in bytes
 * @param bodySha256 SHA-256 of the body in hex; null if the body is empty
 */
public record ExecutedRequest(
        ReceivedHead head,
        String user,
        @Nullable String tokenId,
        long bodyLength,
        @Nullable String bodySha256) {}
