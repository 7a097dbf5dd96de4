package io.tokenguardian.process;

/** Contains an explanation in one line, and the exit code that a shell would return. */
public final class CommandNotStartedException extends Exception {
    private static final long serialVersionUID = 1L;

    static final int NOT_EXECUTABLE = 126;
    static final int NOT_FOUND = 127;

    private final int exitCode;

    CommandNotStartedException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
