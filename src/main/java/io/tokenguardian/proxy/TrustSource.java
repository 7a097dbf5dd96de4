package io.tokenguardian.proxy;

import java.io.IOException;
import javax.net.ssl.X509TrustManager;

/** Where the trust in the API server's certificate comes from; asked once a connection, on event loops. */
@FunctionalInterface
public interface TrustSource {

    /**
     * What is trusted at one time.
     *
     * @param generation another number whenever the content is another
     */
    record Trust(long generation, X509TrustManager trustManager) {}

    /**
     * What is trusted by now.
     *
     * @throws IOException one line for a person, if there is nothing to trust
     */
    Trust trust() throws IOException;
}
