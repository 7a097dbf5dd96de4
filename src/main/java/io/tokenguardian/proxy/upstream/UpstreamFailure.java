package io.tokenguardian.proxy.upstream;

/** How an upstream ended before its response was complete. */
public enum UpstreamFailure {
    /** The connection was closed or reset, by either side. */
    CLOSED,

    /** The server sent bytes that are not HTTP. */
    MALFORMED
}
