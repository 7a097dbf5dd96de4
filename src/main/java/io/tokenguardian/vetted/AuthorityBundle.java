package io.tokenguardian.vetted;

import java.io.IOException;

/** The CA bundle that the guardian itself trusts, which the app gets too. */
@FunctionalInterface
public interface AuthorityBundle {

    /**
     * The bundle as it is now, in PEM.
     *
     * @throws IOException if there is none; one line with the reason
     */
    byte[] pem() throws IOException;
}
