package io.tokenguardian.proxy;

/** How an upstream ended under a request, as far as it matters for sending the request again. */
enum UpstreamBreak {
    /** The API server says that it did not process the request: GOAWAY below its stream, or REFUSED_STREAM. */
    NOT_PROCESSED,

    /** Closed or reset, by whichever side. */
    CLOSED,

    /** What came was no HTTP. */
    MALFORMED
}
