package io.tokenguardian.vetted;

import java.io.IOException;

/** The CA bundle of the server that the app connects to. The app gets a copy. */
@FunctionalInterface
public interface CaBundle {

    /**
     * The current bundle, in PEM.
     *
     * @throws IOException if it is missing; its message is one line with the reason
     */
    byte[] pem() throws IOException;
}
