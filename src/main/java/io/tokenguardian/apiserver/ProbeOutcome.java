package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The API server's answer about a token, or why none came. */
public sealed interface ProbeOutcome {

    /**
     * 2xx or 403: the token was accepted, whatever its permissions are.
     *
     * @param user the name that the server has for the bearer; null if it returned none
     */
    record Authenticated(@Nullable String user) implements ProbeOutcome {}

    /**
     * The token was refused.
     *
     * @param reason the server's own text, or what its TokenReview lacks; null for a 401, which by the server's design
     *     has none, and for a TokenReview whose text is missing or might show the token
     */
    record Unauthorized(@Nullable String reason) implements ProbeOutcome {
        public Unauthorized() {
            this(null);
        }
    }

    /** The bearer may not create TokenReviews, or tokens of this service account. */
    record Forbidden() implements ProbeOutcome {}

    /** The replica has issued a token. */
    record Issued(Token token) implements ProbeOutcome {}

    /** The service account does not exist, or the pod to which its token was to be bound. */
    record NoServiceAccount() implements ProbeOutcome {}

    /**
     * The server responded, but gave no answer about the token (429, 5xx, anything unexpected).
     *
     * @param explanation one line for a person, naming the address
     * @param retryAfter the server's wish for a pause before a retry; null for none
     */
    record Unavailable(String explanation, @Nullable Duration retryAfter) implements ProbeOutcome {}

    /**
     * No response: no connection, no TLS session, no HTTP, or no complete response in time.
     *
     * @param explanation one line for a person, naming the address or file that is at fault
     */
    record Unreachable(String explanation) implements ProbeOutcome {}
}
