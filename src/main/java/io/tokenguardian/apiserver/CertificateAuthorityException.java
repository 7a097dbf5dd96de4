package io.tokenguardian.apiserver;

import java.io.IOException;

/** Why no certificate authority is usable, in one line that names the file or other source of the bundle. */
final class CertificateAuthorityException extends IOException {
    private static final long serialVersionUID = 1L;

    CertificateAuthorityException(String message) {
        super(message);
    }
}
