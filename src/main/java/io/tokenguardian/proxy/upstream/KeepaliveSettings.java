package io.tokenguardian.proxy.upstream;

import java.time.Duration;

/** The TCP keepalive of connections to the API server. */
public interface KeepaliveSettings {

    /** How long the peer may be silent before the first probe; whole seconds. */
    Duration idle();

    /** How long to wait for the response to each probe; whole seconds. */
    Duration interval();

    /** After how many unanswered probes the connection ends. */
    int count();
}
