package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.replica.Answer;
import java.util.function.Supplier;

/** Takes what the proxy's connections show of the replicas. May be called from any thread, and returns at once. */
@FunctionalInterface
public interface ProxyObserver {

    /**
     * Called with each refusal of a token, and about once a second for each busy connection with an acceptance, which
     * has a {@code Date}. The token may be older than the token in use.
     *
     * @param inDoubt whether replicas refused the token over several new connections in a row
     */
    void onAnswer(Answer answer, String address, Supplier<ServerCertificate> certificate, boolean inDoubt);
}
