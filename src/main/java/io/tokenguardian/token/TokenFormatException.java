package io.tokenguardian.token;

/** Explains in one line why a text is not a service-account token. The message contains no part of that text. */
public final class TokenFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    TokenFormatException(String message) {
        super(message);
    }
}
