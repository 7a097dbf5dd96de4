package io.tokenguardian.proxy;

/** Whether HTTP/2 is offered to the API server. */
public enum Http2Mode {
    /** Whichever of the two costs less CPU a request by the project's benchmark; see {@link UpstreamConnector}. */
    AUTO,

    /** HTTP/1.1 only. */
    NEVER
}
