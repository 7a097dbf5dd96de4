package io.tokenguardian;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * The only real-time limit that a test has. It detects a hang and measures nothing. It is the default timeout of
 * Awaitility and the proxy's default connect timeout, and tests set it for their sockets and clients. A whole test may
 * take twice as long ({@code junit-platform.properties}), so that the report names the wait that does not end.
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
