package io.tokenguardian.apiserver;

/** Ends a question that gets no answer; the message is the explanation of {@link Reply.Unreachable}. */
final class UnreachableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreachableException(String message) {
        super(message);
    }
}
