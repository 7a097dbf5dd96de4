package io.tokenguardian.concurrent;

import java.util.List;

/** A part of the program with its own threads. The {@code live} health check covers every bean of this type. */
public interface Watched {

    /**
     * Returns the state of each thread that should be running now; an empty list for a part that is off. May be called
     * from any thread, and returns at once.
     */
    List<ThreadState> threads();
}
