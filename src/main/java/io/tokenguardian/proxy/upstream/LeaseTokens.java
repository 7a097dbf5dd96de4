package io.tokenguardian.proxy.upstream;

import io.tokenguardian.token.Token;
import java.util.List;

public interface LeaseTokens {

    /** Whether the caller's own credential is sent. If so, any replica can serve the request. */
    boolean ownCredential();

    /** The tokens that some replica accepts, best first; empty if the caller's own credential is sent. */
    List<Token> usable();

    /**
     * The tokens that determine which replica a new connection goes to. The list contains tokens even if the caller's
     * own credential is sent, because the next request over the connection may need a token.
     */
    List<Token> forNewConnection();

    /** Whether some replicas may refuse the best token, because not all are known to accept it. */
    boolean mayBeRefused();
}
