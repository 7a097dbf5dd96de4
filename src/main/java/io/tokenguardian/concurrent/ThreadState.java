package io.tokenguardian.concurrent;

import org.jspecify.annotations.Nullable;

/** The state of one thread or one event loop. {@code fault} is a description for people; null if it has none. */
public record ThreadState(String name, @Nullable String fault, int failedTurns) {

    /** Creates the state of a thread without failed turns, or of a thread that does not count turns. */
    public ThreadState(String name, @Nullable String fault) {
        this(name, fault, 0);
    }

    public boolean isHealthy() {
        return fault == null;
    }
}
