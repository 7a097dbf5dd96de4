package io.tokenguardian.proxy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class in which a proxy has lost a buffer. Checks once per class, not per proxy, because a check needs a
 * full garbage collection. JUnit finds it through {@code META-INF/services}.
 */
public final class LeakCheck implements AfterAllCallback {
    private static @Nullable Leaks leaks;
    private static boolean due;

    /** Requests a check at the end of this class. */
    static synchronized void afterThisClass() {
        if (leaks == null) {
            leaks = Leaks.watch();
        }
        due = true;
    }

    /** Watches for leaks again after another listener has replaced this listener. */
    static synchronized void resume() {
        leaks = Leaks.watch();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        synchronized (LeakCheck.class) {
            if (due && leaks != null) {
                due = false;
                leaks.assertNone();
            }
        }
    }
}
