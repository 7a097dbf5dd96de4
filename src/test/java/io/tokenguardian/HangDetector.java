package io.tokenguardian;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * The only limit in real time that a test has. It detects a hang and measures nothing. It is the default of Awaitility,
 * and of the proxy's connect timeout; sockets and clients that a test makes are given it. A test as a whole may take
 * twice as long ({@code junit-platform.properties}), so that the report is about the wait that does not end.
 */
public final class HangDetector implements LauncherSessionListener {
    public static final Duration TIMEOUT = Duration.ofMinutes(5);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultTimeout(TIMEOUT);
    }

    /** For {@code setSoTimeout}. */
    public static int millis() {
        return Math.toIntExact(TIMEOUT.toMillis());
    }
}
