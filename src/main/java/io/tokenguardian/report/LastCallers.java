package io.tokenguardian.report;

import java.time.Duration;

/**
 * Whether the proxy's callers are done with it, looked at now and again from some moment on. They are once none has been
 * connected for {@link #ALONE}, or none has asked anything for {@link #QUIET}: connections of the guardian's own client, or
 * one that nobody uses, would be waited for otherwise.
 */
final class LastCallers {
    /** A caller that connects for each request is away between them. */
    static final Duration ALONE = Duration.ofSeconds(5);

    /** Leaves 10 s of kubelet's usual 30 for what is under way at the end. */
    static final Duration QUIET = Duration.ofSeconds(20);

    private long requests;
    private long connectedAt;
    private long askedAt;

    /**
     * @param requests asked so far
     * @param nanos monotonic time
     */
    LastCallers(long requests, long nanos) {
        this.requests = requests;
        this.connectedAt = nanos;
        this.askedAt = nanos;
    }

    /**
     * Whether they are done.
     *
     * @param connected callers' connections that are open now
     * @param asked requests so far
     * @param nanos monotonic time
     */
    boolean areGone(long connected, long asked, long nanos) {
        if (asked != requests) {
            requests = asked;
            askedAt = nanos;
            connectedAt = nanos;
        }
        if (connected > 0) {
            connectedAt = nanos;
        }
        return nanos - connectedAt >= ALONE.toNanos() || nanos - askedAt >= QUIET.toNanos();
    }
}
