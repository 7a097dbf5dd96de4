package io.tokenguardian.proxy.upstream;

import java.time.Duration;

/** TCP keepalive for connections to the API server. */
public interface KeepaliveSettings {

    /** How long the peer may be silent before the first probe; in whole seconds. */
    Duration idle();

    /** How long to wait for the response to each probe; in whole seconds. */
    Duration interval();

    /** The number of unanswered probes after which the connection ends. */
    int count();
}
