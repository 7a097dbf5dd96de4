package io.tokenguardian.proxy.upstream;

import io.tokenguardian.token.Token;
import java.util.List;

/** The tokens with which a {@link LeaseRequest} may be sent. */
public interface LeaseTokens {

    /** Whether the caller's own credential is sent. Then it does not matter which replicas accept the token. */
    boolean ownCredential();

    /** The tokens that some replica accepts, the best first; empty if the caller's own credential is sent. */
    List<Token> usable();

    /**
     * The tokens by which a replica is chosen for a new connection. Also for a request with the caller's own
     * credential: the next request over the connection may need a token.
     */
    List<Token> forNewConnection();

    /** Whether some replicas may refuse the best token: it is not known that all accept it. */
    boolean mayBeRefused();
}
