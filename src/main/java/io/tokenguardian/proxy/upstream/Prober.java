package io.tokenguardian.proxy.upstream;

/** Sends a probe of a search for an {@link UpstreamPool}. */
public interface Prober {

    /**
     * Finds out over {@code upstream}, which is new, whether its replica accepts one of {@code tokens}. Calls
     * {@link UpstreamPool#probeEnded()} or {@link UpstreamPool#probeFailed} once, and gives the upstream back.
     */
    void probe(UpstreamPool pool, Upstream upstream, LeaseTokens tokens);
}
