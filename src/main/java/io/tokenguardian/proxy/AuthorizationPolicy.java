package io.tokenguardian.proxy;

/**
 * What becomes of a credential that a caller brings along, in {@code Authorization} or as the bearer subprotocol of a
 * WebSocket.
 */
public enum AuthorizationPolicy {
    /** The token in use takes its place. */
    REPLACE,

    /** It goes to the API server as it is; the guardian neither holds such a request nor retries its 401. */
    KEEP,

    /** The request is refused with 403. */
    REJECT
}
