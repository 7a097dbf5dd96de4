package io.tokenguardian.concurrent;

import org.jspecify.annotations.Nullable;

/**
 * The state of one thread.
 *
 * @param name the thread's
 * @param fault what is wrong with it, in a few words for a person; null when nothing is
 */
public record ThreadState(String name, @Nullable String fault) {

    /** Whether nothing is wrong with it. */
    public boolean isWell() {
        return fault == null;
    }
}
