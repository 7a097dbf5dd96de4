package io.tokenguardian.proxy.upstream;

import io.tokenguardian.token.Token;
import java.util.List;

public interface LeaseTokens {

    /** Whether the caller's own credential is sent. If so, any replica can serve the request. */
    boolean ownCredential();

    /** The tokens that some replica accepts, best first; empty if the caller's own credential is sent. */
    List<Token> usable();

    /** Not empty even if the caller's own credential is sent: the next request over the connection may need a token. */
    List<Token> forNewConnection();

    /** Whether not all replicas are known to accept the best token. */
    boolean mayBeRefused();
}
