package io.tokenguardian.cli;

/** Says that a library was called for what this program does without; see {@link ClientWithoutModels}. */
final class LeftOutException extends UnsupportedOperationException {
    private static final long serialVersionUID = 1L;

    LeftOutException() {
        super("left out of this program");
    }
}
