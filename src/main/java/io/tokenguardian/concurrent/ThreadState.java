package io.tokenguardian.concurrent;

import org.jspecify.annotations.Nullable;

/**
 * The state of one thread.
 *
 * @param name the thread's name, or the name and number of an event loop
 * @param fault a short human-readable description of the thread's fault; null if it has none
 * @param failedTurns how many turns of this thread have thrown since it started
 */
public record ThreadState(String name, @Nullable String fault, int failedTurns) {

    /** Creates the state of a thread without failed turns, or of a thread that does not count turns. */
    public ThreadState(String name, @Nullable String fault) {
        this(name, fault, 0);
    }

    /** Whether the thread has no fault. */
    public boolean isHealthy() {
        return fault == null;
    }
}
