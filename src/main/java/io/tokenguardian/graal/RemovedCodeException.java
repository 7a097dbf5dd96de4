package io.tokenguardian.graal;

/** Thrown by the parts of a library that this program leaves out; see {@link ListSubstitutions}. */
final class RemovedCodeException extends UnsupportedOperationException {
    private static final long serialVersionUID = 1L;

    RemovedCodeException() {
        super("left out of this program");
    }
}
