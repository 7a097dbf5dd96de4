package io.tokenguardian.proxy.upstream;

import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/** A request that an {@link UpstreamPool} finds a connection for. All methods are called on the pool's event loop. */
public interface WaitingRequest {

    /** Whether the caller's own credential is sent. Then any replica can serve the request. */
    boolean ownCredential();

    /**
     * Returns the token to send over a connection whose replica refuses each usable token: the best of them, or a token
     * that no replica accepts if waiting can't help. Null if the request has to wait for a token.
     */
    @Nullable
    Token unprovenToken();

    /**
     * Whether a proof at this time is new enough. It is not if the request has failed since over another connection.
     */
    boolean mayUseProofOf(long provenAt);

    /**
     * Called with the connection to use, which the request must give back.
     *
     * @param token null if the caller's own credential is sent, or if no token is usable any more
     * @param asItIs whether a 401 is passed on, because no other connection is known to be better
     */
    void onLeased(Upstream upstream, @Nullable Token token, boolean asItIs);

    /**
     * Called when the request has to wait for more than a connection that is being opened. May be called again.
     *
     * @param reason a word for the log
     * @param refusal why the connection that was opened for it can't be used; null for none
     */
    void onHeld(String reason, @Nullable Finding refusal);

    /** Called when no connection can be had and waiting does not help. {@code detail} is a human-readable line. */
    void fail(ProxyFault fault, @Nullable String detail);
}
