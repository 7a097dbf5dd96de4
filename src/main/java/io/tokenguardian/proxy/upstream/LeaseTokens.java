package io.tokenguardian.proxy.upstream;

import io.tokenguardian.token.Token;
import java.util.List;

public interface LeaseTokens {

    /** Whether the caller's own credential is sent. Then any replica will do. */
    boolean ownCredential();

    /** The tokens that some replica accepts, best first; empty if the caller's own credential is sent. */
    List<Token> usable();

    /**
     * The tokens that decide to which replica a new connection goes. Not empty for a request with the caller's own
     * credential, because the next request over the connection may need a token.
     */
    List<Token> forNewConnection();

    /** Whether some replicas may refuse the best token: not all are known to accept it. */
    boolean mayBeRefused();
}
