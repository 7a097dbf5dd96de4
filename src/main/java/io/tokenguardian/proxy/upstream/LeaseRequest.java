package io.tokenguardian.proxy.upstream;

import io.tokenguardian.proxy.http.ProxyFault;
import org.jspecify.annotations.Nullable;

/** A request for an {@link Upstream} from an {@link UpstreamPool}. All methods are called on the pool's event loop. */
public interface LeaseRequest {

    /** The tokens that may be sent. */
    LeaseTokens tokens();

    boolean needsNewConnection();

    /** Whether its whole body has been received. Then it keeps an upstream no longer than the response takes. */
    boolean isWhole();

    /**
     * Whether it may wait a little for another request's connection. If waiting would make it fail, a connection is
     * opened at once, as far as {@link ReplicaSearch} allows.
     */
    boolean mayWait();

    /** Hands over an upstream. The request has to end the lease. */
    void onLeased(Lease lease);

    /** Ends the request: no upstream can be leased, and waiting does not help. {@code detail} is for a person. */
    void fail(ProxyFault fault, @Nullable String detail);

    /**
     * The lease waits: {@link ReplicaSearch} allows no new connection yet. {@link #onLeased} or {@link #fail} follows.
     */
    void onLeaseWaits();
}
