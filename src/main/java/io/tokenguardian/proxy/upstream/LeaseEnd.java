package io.tokenguardian.proxy.upstream;

public enum LeaseEnd {
    /** The request and its response are complete, or nothing was sent. The connection can carry another request. */
    USED,

    /** The connection can carry another request, but is parked, because its replica refuses all usable tokens. */
    REFUSED,

    /** A part of the request or response is missing, or the connection has broken. The connection is closed. */
    FAILED,

    /** The connection belongs to a tunnel, and is not returned to the pool. */
    TUNNELLED
}
