package io.tokenguardian.proxy;

/** How to treat a caller's own credential, in {@code Authorization} or in a WebSocket's bearer subprotocol. */
public enum AuthorizationPolicy {
    /** The token in use replaces it. */
    REPLACE,

    /** It goes to the API server unchanged. The proxy neither holds such a request nor retries its 401. */
    KEEP,

    /** The request is refused with 403. */
    REJECT
}
