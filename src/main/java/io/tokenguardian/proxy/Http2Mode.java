package io.tokenguardian.proxy;

/** Whether HTTP/2 is offered to the API server. */
public enum Http2Mode {
    /** It is offered, and used for everything but tunnels if the API server agrees. */
    AUTO,

    /** HTTP/1.1 only. */
    NEVER
}
