package io.tokenguardian.proxy.request;

/** How to handle a caller's own credential. If it is neither refused nor passed on, the token in use replaces it. */
public interface CredentialPolicy {

    boolean refuses();

    boolean passesOn();
}
