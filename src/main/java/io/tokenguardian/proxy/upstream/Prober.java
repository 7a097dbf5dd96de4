package io.tokenguardian.proxy.upstream;

/** Sends a probe of a search for an {@link UpstreamPool}. */
public interface Prober {

    /**
     * Finds out over the connection of {@code lease}, which is new, whether its replica accepts one of {@code tokens}.
     * Calls {@link UpstreamPool#probeEnded()} or {@link UpstreamPool#probeFailed} once, and ends the lease.
     */
    void probe(UpstreamPool pool, Lease lease, LeaseTokens tokens);
}
