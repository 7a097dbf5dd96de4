package io.tokenguardian.apiserver;

/** Says in one line, which names the file, why there is no certificate authority to trust. */
public final class CertificateAuthorityException extends Exception {
    private static final long serialVersionUID = 1L;

    CertificateAuthorityException(String message) {
        super(message);
    }
}
