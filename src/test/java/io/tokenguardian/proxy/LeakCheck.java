package io.tokenguardian.proxy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class in which a proxy has lost a buffer. It looks once a class and not once a proxy, since a look takes
 * a whole garbage collection. JUnit knows of it by {@code META-INF/services}.
 */
public final class LeakCheck implements AfterAllCallback {
    private static @Nullable Leaks leaks;
    private static boolean due;

    /** Has it look once this class has ended. */
    static synchronized void afterThisClass() {
        if (leaks == null) {
            leaks = Leaks.watch();
        }
        due = true;
    }

    /** Listens for leaks again after another listener took its place. */
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
