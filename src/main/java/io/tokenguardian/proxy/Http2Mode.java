package io.tokenguardian.proxy;

/** Whether HTTP/2 is offered to the API server. */
public enum Http2Mode {
    /** HTTP/2 is offered. If the API server chooses it, it carries everything except tunnels. */
    AUTO,

    /** Only HTTP/1.1 is offered. */
    NEVER
}
