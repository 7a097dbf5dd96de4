package io.tokenguardian.token;

/** Says in one line why a text is not a service-account token; the message never holds any part of that text. */
public final class TokenFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    TokenFormatException(String message) {
        super(message);
    }
}
