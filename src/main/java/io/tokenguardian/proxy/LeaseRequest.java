package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request for an {@link Upstream} from an {@link UpstreamPool}. All methods are called on the pool's event loop. */
interface LeaseRequest {

    /** The tokens that some replica accepts, the best first; empty if the caller's own credential is sent. */
    List<Token> usableTokens();

    /** Whether some replicas are known to refuse the token that is sent, because of their clocks. */
    boolean mayBeRefused();

    /** Whether the caller's own credential is sent. Then it does not matter which replicas accept the token. */
    boolean ownCredential();

    /** Whether a new connection is required. */
    boolean needsNewConnection();

    /** Whether HTTP/1.1 is required: only an HTTP/1.1 connection can become a tunnel, and it has no GOAWAY. */
    boolean needsHttp1();

    /** Hands over the upstream. The requester has to release it. */
    void onLeased(Upstream upstream);

    /** Ends the request: no upstream can be leased, and waiting does not help. {@code detail} is for a person. */
    void fail(ProxyFault fault, @Nullable String detail);

    /** The lease waits: all replicas in reach refuse the token. {@link #onLeased} or {@link #fail} follows. */
    void onLeaseWaits();
}
