package io.tokenguardian.proxy.upstream;

public enum UpstreamFailure {
    /** The connection was closed or reset, by either side. */
    CLOSED,

    /** The server sent bytes that are not HTTP. */
    MALFORMED
}
