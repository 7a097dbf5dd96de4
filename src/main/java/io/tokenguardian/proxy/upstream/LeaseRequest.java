package io.tokenguardian.proxy.upstream;

import io.tokenguardian.proxy.http.ProxyFault;
import org.jspecify.annotations.Nullable;

/** A request for an {@link Upstream} from an {@link UpstreamPool}. All methods are called on the pool's event loop. */
public interface LeaseRequest {

    /** The tokens that the request may be sent with. */
    LeaseTokens tokens();

    boolean needsNewConnection();

    /**
     * Whether the whole body of the request has been received. If so, the request keeps an upstream only until the
     * response is complete.
     */
    boolean isWhole();

    /**
     * Whether the request may wait briefly for a connection that another request uses. If waiting would make the
     * request fail, a connection is opened at once, provided that {@link ReplicaSearch} allows it.
     */
    boolean mayWait();

    /** Called with the leased upstream. The request must end the lease. */
    void onLeased(Lease lease);

    /**
     * Ends the request, because no upstream can be leased and waiting does not help. {@code detail} is a single
     * human-readable line.
     */
    void fail(ProxyFault fault, @Nullable String detail);

    /**
     * Called when the request must wait, because {@link ReplicaSearch} does not yet allow a new connection.
     * {@link #onLeased} or {@link #fail} is called later.
     */
    void onLeaseWaits();
}
