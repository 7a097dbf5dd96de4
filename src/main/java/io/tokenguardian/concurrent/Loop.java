package io.tokenguardian.concurrent;

import java.time.Duration;

/** The task of a {@link LoopThread}. All methods are called on its thread. */
@FunctionalInterface
public interface Loop {

    /**
     * Does what is due.
     *
     * @return how long to wait before the next turn, unless something ends the wait early; zero or less to skip the
     *     wait
     */
    Duration runOnce() throws InterruptedException;

    /**
     * Waits between two turns.
     *
     * @param atMost longer than zero, at most an hour
     * @param wakeUp a wait that ends when the thread is {@linkplain LoopThread#wake() woken}
     */
    default void await(Duration atMost, WakeUp wakeUp) throws InterruptedException {
        wakeUp.await(atMost);
    }

    /** Called once when the thread ends, for whatever reason. */
    default void onEnd() {}
}
