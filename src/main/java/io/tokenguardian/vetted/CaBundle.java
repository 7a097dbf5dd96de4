package io.tokenguardian.vetted;

import java.io.IOException;

/** The CA bundle of the server that the app connects to. A copy is written for the app. */
@FunctionalInterface
public interface CaBundle {

    /**
     * The current bundle, in PEM.
     *
     * @throws IOException if it is missing; the message is one line with the reason
     */
    byte[] pem() throws IOException;
}
