package io.tokenguardian.apiserver;

import java.security.cert.CertificateException;

/** Explains in one line why a server's certificate is not trusted. */
final class RefusedCertificateException extends CertificateException {
    private static final long serialVersionUID = 1L;

    RefusedCertificateException(String message, CertificateException cause) {
        super(message, cause);
    }
}
