package io.tokenguardian.vetted;

import java.io.IOException;

/** The CA bundle of the server that the app connects to. The guardian writes a copy for the app. */
@FunctionalInterface
public interface CaBundle {

    /**
     * Returns the current bundle, in PEM.
     *
     * @throws IOException if the bundle is missing; the message is one line with the reason
     */
    byte[] pem() throws IOException;
}
