package io.tokenguardian.web;

import java.time.Duration;

/**
 * Checks regularly whether the proxy's callers have finished: either none has been connected for
 * {@link #UNCONNECTED_FOR}, or none has sent a request for {@link #QUIET}. The second rule is for connections that stay
 * open because they are unused, or carry a watch or a tunnel. The proxy can't tell these apart.
 */
final class LastCallers {
    /**
     * After this time without a connected caller, the callers count as finished. A caller that opens a connection for
     * each request is not connected between two requests.
     */
    static final Duration UNCONNECTED_FOR = Duration.ofSeconds(5);

    /**
     * After this time without a new request, the callers count as finished. This leaves 10 s of kubelet's usual 30 s
     * for requests that are still in progress.
     */
    static final Duration QUIET = Duration.ofSeconds(20);

    private long requests;
    private long connectedAt;
    private long askedAt;

    /**
     * @param requests the number of requests so far
     * @param nanos monotonic time in nanoseconds
     */
    LastCallers(long requests, long nanos) {
        this.requests = requests;
        this.connectedAt = nanos;
        this.askedAt = nanos;
    }

    /**
     * Whether the callers have finished.
     *
     * @param connected the number of callers' connections that are open now
     * @param asked the number of requests so far
     * @param nanos monotonic time in nanoseconds
     */
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
