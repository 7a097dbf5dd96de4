package io.tokenguardian.proxy.request;

/** How to handle a caller's own credential. Unless it is refused or passed on, the token in use replaces it. */
public interface CredentialPolicy {

    boolean refuses();

    boolean passesOn();
}
