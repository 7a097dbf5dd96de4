package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;

/** Takes observations from responses to the proxy's requests. May be called from any thread, and returns at once. */
public interface ProxyObserver {

    /** Called when a replica has responded with 401 to {@code token}. */
    void onRefusal(Token token, HeardRefusal refusal);

    /**
     * Called when a replica has just responded to a request and accepted its token, which may be older than the token
     * in use. {@code roundTrip} is the time since the request was sent; {@code date} is from the replica's own clock.
     */
    void onDate(String address, ServerCertificate certificate, Duration roundTrip, Instant date);
}
