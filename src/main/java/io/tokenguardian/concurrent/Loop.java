package io.tokenguardian.concurrent;

import java.time.Duration;

/** The task of a {@link LoopThread}. All methods are called on its thread. */
@FunctionalInterface
public interface Loop {

    /** Does what is due. Returns how long to wait before the next turn, unless woken; zero or less to skip the wait. */
    Duration runOnce() throws InterruptedException;

    /** Called once when the thread ends, for whatever reason. */
    default void onEnd() {}
}
