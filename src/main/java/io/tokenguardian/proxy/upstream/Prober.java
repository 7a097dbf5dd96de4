package io.tokenguardian.proxy.upstream;

public interface Prober {

    /**
     * Finds out whether the replica of {@code lease}, a new connection, accepts a token. Calls
     * {@link UpstreamPool#probeEnded()} or {@link UpstreamPool#probeFailed} once, and ends the lease.
     */
    void probe(UpstreamPool pool, Lease lease, LeaseTokens tokens);
}
