package io.tokenguardian.concurrent;

import java.time.Duration;

/** What a {@link LoopThread} does. Everything here is called on that thread. */
@FunctionalInterface
public interface Loop {

    /**
     * Does what is due.
     *
     * @return how long to wait before the next turn, unless something happens before; zero or less for no wait
     */
    Duration turn() throws InterruptedException;

    /**
     * Waits between two turns.
     *
     * @param atMost at least zero, and no more than an hour
     * @param wakeUp ends when the thread is {@linkplain LoopThread#wake() woken}
     */
    default void await(Duration atMost, WakeUp wakeUp) throws InterruptedException {
        wakeUp.await(atMost);
    }

    /** Called once after the last turn, whatever ended it. */
    default void end() {}
}
