package io.tokenguardian.concurrent;

import org.jspecify.annotations.Nullable;

/**
 * The state of one thread.
 *
 * @param name the thread's name, or that of an event loop with its number
 * @param fault its fault, in a few words for a person; null if it has none
 * @param failedTurns how many of its turns have thrown, since the start
 */
public record ThreadState(String name, @Nullable String fault, int failedTurns) {

    /** The state of a thread that counts no turns, or whose turns have not failed. */
    public ThreadState(String name, @Nullable String fault) {
        this(name, fault, 0);
    }

    /** Whether the thread has no fault. */
    public boolean isHealthy() {
        return fault == null;
    }
}
