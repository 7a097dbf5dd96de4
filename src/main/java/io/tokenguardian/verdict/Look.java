package io.tokenguardian.verdict;

import java.time.Instant;

/** The next question: when, on the local time line, and over which connection. */
public sealed interface Look {
    Instant at();

    /** Over a new connection, to whichever replica it leads. */
    record Fresh(Instant at) implements Look {}

    /** Over the connection on which a replica has refused, to hear that very replica again. */
    record Again(Instant at, int connection) implements Look {}
}
