package io.tokenguardian.concurrent;

import org.jspecify.annotations.Nullable;

/**
 * The state of one thread.
 *
 * @param name the thread's name, or that of an event loop with its number
 * @param fault its fault, in a few words for a person; null if it has none
 */
public record ThreadState(String name, @Nullable String fault) {

    /** Whether the thread has no fault. */
    public boolean isHealthy() {
        return fault == null;
    }
}
