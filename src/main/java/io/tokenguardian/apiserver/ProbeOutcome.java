package io.tokenguardian.apiserver;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The API server's decision about a token, or why it made no decision. */
public sealed interface ProbeOutcome {

    /**
     * Returns why the API server made no decision, in one line that names the address or file; empty if it made one.
     */
    default String explanation() {
        return "";
    }

    /** Returns the pause that the server requests before the next probe; null if none. */
    default @Nullable Duration retryAfter() {
        return null;
    }

    /** The token was accepted, regardless of its permissions: 2xx, 403, or any other marked response but a 401. */
    record Authenticated(@Nullable String user, @Nullable Duration retryAfter) implements ProbeOutcome {
        public Authenticated(@Nullable String user) {
            this(user, null);
        }
    }

    /** The token was refused: a 401, which by design gives no reason. */
    record Unauthorized() implements ProbeOutcome {}

    /** The response does not show whether the token is accepted: an unmarked 429 or 5xx, or anything unexpected. */
    record Unavailable(String explanation, @Nullable Duration retryAfter) implements ProbeOutcome {}

    /** No response arrived: no connection, no TLS session, no HTTP, or no complete response in time. */
    record Unreachable(String explanation) implements ProbeOutcome {}
}
