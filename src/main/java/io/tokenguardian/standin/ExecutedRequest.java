package io.tokenguardian.standin;

import org.jspecify.annotations.Nullable;

/**
 * A request that was authenticated, authorized and executed. No caller's request may be executed more than once.
 *
 * @param user the server's name for the caller
 * @param tokenId the {@code jti} of the token; null for an anonymous request
 * @param bodyLength the length of the request body in bytes
 * @param bodySha256 the SHA-256 hash of the body in hex; null if the body is empty
 */
public record ExecutedRequest(
        ReceivedHead head,
        String user,
        @Nullable String tokenId,
        long bodyLength,
        @Nullable String bodySha256) {}
