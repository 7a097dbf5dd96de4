package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;

/**
 * Takes observations from responses to the proxy's requests. The methods may be called from any thread, and return at
 * once.
 */
public interface ProxyObserver {

    /** Called when a replica has responded with 401 to {@code token}. */
    void onRefusal(Token token, HeardRefusal refusal);

    /**
     * Called when a replica has just responded to a request and accepted its token, which may be older than the token
     * in use.
     *
     * @param address the host and port to which the request was sent
     * @param certificate the certificate that the replica presented
     * @param roundTrip the time since the request was sent
     * @param date the response's {@code Date}, from the replica's own clock
     */
    void onDate(String address, ServerCertificate certificate, Duration roundTrip, Instant date);
}
