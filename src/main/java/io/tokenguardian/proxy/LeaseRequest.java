package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/** Who wants an {@link Upstream} from an {@link UpstreamPool}; always called on its event loop. */
interface LeaseRequest {

    /** The token that will be sent; null when it is a caller's own credential. */
    @Nullable
    Token token();

    /** Whether only a new connection will do. */
    boolean fresh();

    /** Whether only an HTTP/1.1 connection will do, since only that can become a tunnel. */
    boolean http1();

    /** Here it is; from now on it is the requester's to release. */
    void leased(Upstream upstream);

    /** There is none, and waiting won't help. */
    void leaseFailed(ProxyFault fault, String detail);

    /** Every replica in reach refuses the token for now; {@link #leased} comes later. */
    void leaseWaits();
}
