package io.tokenguardian.proxy.upstream;

/** Sends search probes for an {@link UpstreamPool}. */
public interface Prober {

    /**
     * Uses the new connection of {@code lease} to find out whether its replica accepts a token in {@code tokens}. Calls
     * {@link UpstreamPool#probeEnded()} or {@link UpstreamPool#probeFailed} once, and ends the lease.
     */
    void probe(UpstreamPool pool, Lease lease, LeaseTokens tokens);
}
