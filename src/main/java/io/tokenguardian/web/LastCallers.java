package io.tokenguardian.web;

import java.time.Duration;

/**
 * Whether the proxy's callers have finished: none has been connected for {@link #UNCONNECTED_FOR}, or none has sent a
 * request for {@link #QUIET}. A connection may stay open because it is unused, or carries a watch or a tunnel.
 */
final class LastCallers {
    /** A caller that opens a connection for each request is not connected between two requests. */
    static final Duration UNCONNECTED_FOR = Duration.ofSeconds(5);

    /** Leaves 10 s of kubelet's usual 30 s for requests that are still in progress. */
    static final Duration QUIET = Duration.ofSeconds(20);

    private long requests;
    private long connectedAt;
    private long askedAt;

    /** @param nanos monotonic time */
    LastCallers(long requests, long nanos) {
        this.requests = requests;
        this.connectedAt = nanos;
        this.askedAt = nanos;
    }

    boolean checkFinished(long connected, long asked, long nanos) {
        if (asked != requests) {
            requests = asked;
            askedAt = nanos;
            connectedAt = nanos;
        }
        if (connected > 0) {
            connectedAt = nanos;
        }
        return nanos - connectedAt >= UNCONNECTED_FOR.toNanos() || nanos - askedAt >= QUIET.toNanos();
    }
}
