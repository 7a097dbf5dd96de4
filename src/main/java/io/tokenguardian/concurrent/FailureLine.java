package io.tokenguardian.concurrent;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Describes a failure in one line: the class and message of the throwable and its causes, and the place in this
 * program. Runs of 40 or more base64url characters are removed from messages, because they might be part of a token.
 */
public final class FailureLine {
    private static final Pattern LONG_RUN = Pattern.compile("[A-Za-z0-9_-]{40,}");
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+");
    private static final String OWN = "io.tokenguardian.";
    private static final int MOST_CAUSES = 4;
    private static final int MOST_FRAMES = 4;
    private static final int LONGEST_MESSAGE = 300;

    private FailureLine() {}

    static String of(Throwable failure) {
        StringBuilder line = new StringBuilder(described(failure));
        Throwable cause = failure.getCause();
        for (int i = 0; cause != null && i < MOST_CAUSES; i++) {
            line.append(", caused by ").append(described(cause));
            cause = cause.getCause();
        }
        return line + where(failure);
    }

    /** Returns only the class of {@code failure} and the place: a message may quote received bytes. */
    public static String withoutMessages(Throwable failure) {
        return failure.getClass().getName() + where(failure);
    }

    private static String described(Throwable failure) {
        String message = printable(failure.getMessage());
        return failure.getClass().getName() + (message.isEmpty() ? "" : ": " + message);
    }

    private static String printable(@Nullable String message) {
        if (message == null) {
            return "";
        }
        String whole =
                CONTROL.matcher(LONG_RUN.matcher(message).replaceAll("…")).replaceAll(" ");
        return whole.length() <= LONGEST_MESSAGE ? whole : whole.substring(0, LONGEST_MESSAGE) + "…";
    }

    /** Returns the innermost stack frames of this program. The failure may have occurred deeper, in a library. */
    private static String where(Throwable failure) {
        String frames = Arrays.stream(failure.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith(OWN))
                .limit(MOST_FRAMES)
                .map(frame -> frame.getClassName().substring(OWN.length()) + "." + frame.getMethodName() + ":"
                        + frame.getLineNumber())
                .collect(Collectors.joining(", "));
        return frames.isEmpty() ? "" : " (at " + frames + ")";
    }
}
