package io.tokenguardian.apiserver;

import java.io.IOException;

/**
 * Explains in one line why no certificate authority is usable. The line names the file or other source of the bundle.
 */
final class CertificateAuthorityException extends IOException {
    private static final long serialVersionUID = 1L;

    CertificateAuthorityException(String message) {
        super(message);
    }
}
