package io.tokenguardian.apiserver;

/** Thrown when a request gets no response. The message becomes the explanation of {@link ProbeOutcome.Unreachable}. */
final class UnreachableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreachableException(String message) {
        super(message);
    }
}
