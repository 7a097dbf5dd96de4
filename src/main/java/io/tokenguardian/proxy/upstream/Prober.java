package io.tokenguardian.proxy.upstream;

/** Sends a probe of a search for an {@link UpstreamPool}. */
public interface Prober {

    /**
     * Finds out whether the replica accepts a token of {@code tokens}, over the new connection of {@code lease}. Calls
     * {@link UpstreamPool#probeEnded()} or {@link UpstreamPool#probeFailed} once, and ends the lease.
     */
    void probe(UpstreamPool pool, Lease lease, LeaseTokens tokens);
}
