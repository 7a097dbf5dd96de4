package io.tokenguardian.proxy;

/** How an upstream ended before its response was complete, as far as a retry depends on it. */
enum UpstreamFailure {
    /** The API server says that it did not process the request: GOAWAY below its stream id, or REFUSED_STREAM. */
    NOT_PROCESSED(RetryReason.NOT_PROCESSED),

    /** The connection was closed or reset, by either side. */
    CLOSED(RetryReason.CONNECTION_LOST),

    /** The server sent bytes that are not HTTP. */
    MALFORMED(RetryReason.CONNECTION_LOST);

    private final RetryReason reason;

    UpstreamFailure(RetryReason reason) {
        this.reason = reason;
    }

    /** The reason of a retry after this failure, in metrics and log. None follows {@link #MALFORMED}. */
    RetryReason reason() {
        return reason;
    }
}
