package io.tokenguardian.process;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Ends a process that is out of memory, because the code that failed may have stopped halfway. A native executable does
 * so by itself when its heap is full. Other {@code OutOfMemoryError}s, usually for direct memory, reach this class
 * uncaught or in a log record ({@link LogFilter}), because event loops and the ends of pipelines log all errors. If a
 * connection's handler catches the error, nothing is logged, and only the connection is closed.
 */
public final class OutOfMemory {
    /**
     * The exit code of a JVM with {@code -XX:+ExitOnOutOfMemoryError}. For {@code wait}, {@code exec} and
     * {@code check}, 3 means "not yet valid", but these commands need hardly any memory.
     */
    static final int EXIT_CODE = 3;

    /** Allocated in advance, because memory may be exhausted later. */
    private static final byte[] LINE = "token-guardian: out of memory\n".getBytes(StandardCharsets.US_ASCII);

    private static final int DEEPEST_CAUSE = 16;

    /** Other uncaught exceptions are passed to the previous handler. */
    public static void exitOnOutOfMemory() {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            endIfOutOfMemory(thrown);
            if (before != null) {
                before.uncaughtException(thread, thrown);
            } else {
                System.err.print("Exception in thread \"" + thread.getName() + "\" "); // the same text as a JVM's
                thrown.printStackTrace();
            }
        });
    }

    private OutOfMemory() {}

    static void endIfOutOfMemory(@Nullable Throwable thrown) {
        if (isOutOfMemory(thrown)) {
            try {
                System.err.write(LINE, 0, LINE.length);
            } finally {
                Runtime.getRuntime().halt(EXIT_CODE);
            }
        }
    }

    static boolean isOutOfMemory(@Nullable Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            if (cause instanceof OutOfMemoryError) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
