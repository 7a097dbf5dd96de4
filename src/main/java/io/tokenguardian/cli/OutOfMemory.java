package io.tokenguardian.cli;

import io.quarkus.logging.LoggingFilter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * The end of a process that has run out of memory: what has failed with an {@code OutOfMemoryError} may have stopped
 * half-way. One line on stderr, and the exit code that a JVM has for it ({@code -XX:+ExitOnOutOfMemoryError}), with which
 * a native executable ends by itself when its heap is full. The other such errors, of direct memory above all, come here
 * as what a thread did not catch, or by the log: event loops and the ends of pipelines catch all errors, and log them.
 *
 * <p>An error that one connection pays for, by being closed, is not logged and ends nothing.
 */
@LoggingFilter(name = "out-of-memory")
public final class OutOfMemory implements Filter {
    /** Of {@code serve}; the other commands need next to nothing. */
    static final int EXIT_CODE = 3;

    /** Made now: there may be no memory for it then. */
    private static final byte[] LINE = "token-guardian: out of memory\n".getBytes(StandardCharsets.US_ASCII);

    private static final int DEEPEST_CAUSE = 16;

    /** Has every thread's uncaught {@code OutOfMemoryError} end the process; other errors go where they went. */
    static void endsTheProcess() {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            endIfOutOfMemory(thrown);
            if (before != null) {
                before.uncaughtException(thread, thrown);
            } else {
                System.err.print("Exception in thread \"" + thread.getName() + "\" "); // as a JVM does
                thrown.printStackTrace();
            }
        });
    }

    @Override
    public boolean isLoggable(LogRecord record) {
        endIfOutOfMemory(record.getThrown());
        return true;
    }

    private static void endIfOutOfMemory(@Nullable Throwable thrown) {
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
