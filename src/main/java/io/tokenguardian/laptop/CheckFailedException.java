package io.tokenguardian.laptop;

/** Thrown if {@code check} or {@code explain} can't be carried out. The message is one line for the user. */
public final class CheckFailedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final int exitCode;

    CheckFailedException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
