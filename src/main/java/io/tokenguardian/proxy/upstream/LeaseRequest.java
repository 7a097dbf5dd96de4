package io.tokenguardian.proxy.upstream;

import io.tokenguardian.proxy.http.ProxyFault;
import org.jspecify.annotations.Nullable;

/** A request for an {@link Upstream} from an {@link UpstreamPool}. All methods are called on the pool's event loop. */
public interface LeaseRequest {

    LeaseTokens tokens();

    boolean needsNewConnection();

    /**
     * Whether the whole body has been received. The request then keeps an upstream only until its response is complete.
     */
    boolean isWhole();

    /**
     * Whether the request may wait briefly for a busy connection. If not, a connection is opened at once if allowed.
     */
    boolean mayWait();

    /** The request must end the lease. */
    void onLeased(Lease lease);

    /** Called when no upstream can be leased and waiting does not help. {@code detail} is a human-readable line. */
    void fail(ProxyFault fault, @Nullable String detail);

    /** Called when no new connection is allowed yet. {@link #onLeased} or {@link #fail} follows. */
    void onLeaseWaits();
}
