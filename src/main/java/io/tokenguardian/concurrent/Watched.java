package io.tokenguardian.concurrent;

import java.util.List;

/** A part that has threads of its own. The health check {@code live} asks every one that is a bean. */
public interface Watched {

    /**
     * The state of each thread that should be running now; none of a part that is off. May be called from any thread, and
     * returns at once.
     */
    List<ThreadState> threads();
}
