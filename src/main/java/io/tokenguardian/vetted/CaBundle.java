package io.tokenguardian.vetted;

import java.io.IOException;

/** The CA bundle of the server that the app connects to. The guardian writes a copy for the app. */
@FunctionalInterface
public interface CaBundle {

    /** The current bundle. If it is missing, the message of the {@code IOException} is one line with the reason. */
    byte[] pem() throws IOException;
}
