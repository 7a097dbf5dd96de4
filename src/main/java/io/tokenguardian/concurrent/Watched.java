package io.tokenguardian.concurrent;

import java.util.List;

/** A part of the program with its own threads. The {@code live} health check covers every bean of this type. */
public interface Watched {

    /** The threads that should be running now; none if the part is off. Returns at once, on any thread. */
    List<ThreadState> threads();
}
