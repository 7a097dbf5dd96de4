package io.tokenguardian.apiserver;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What an API server said to the question whether it accepts a token. */
public sealed interface Reply {

    /**
     * 2xx or 403: the token was accepted, whatever may be done with it.
     *
     * @param user the name the server knows the bearer by; null where the server did not say
     */
    record Authenticated(@Nullable String user) implements Reply {}

    /**
     * Refused.
     *
     * @param reason in the server's own words, which a TokenReview has; null from a 401, which by the server's design has none
     */
    record Unauthorized(@Nullable String reason) implements Reply {
        public Unauthorized() {
            this(null);
        }
    }

    /** The bearer may not ask about another token. */
    record Forbidden() implements Reply {}

    /**
     * The server answered, but not to the question (429, 5xx, anything unexpected).
     *
     * @param explanation one line for a person, naming the address
     * @param retryAfter the server's wish for the next try; null when it has none
     */
    record Unavailable(String explanation, @Nullable Duration retryAfter) implements Reply {}

    /**
     * No answer: no connection, no TLS session, no HTTP or no end in time.
     *
     * @param explanation one line for a person, naming the address or file that is at fault
     */
    record Unreachable(String explanation) implements Reply {}
}
