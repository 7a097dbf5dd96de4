package io.tokenguardian.verdict;

import java.time.Instant;

/** The next probe: when, on the local timeline, and over which connection. */
public sealed interface NextProbe {
    Instant at();

    /** Over a new connection, to whichever replica it reaches. */
    record NewConnection(Instant at) implements NextProbe {}

    /** Over the connection on which a replica has refused, to probe this same replica again. */
    record SameConnection(Instant at, int connection) implements NextProbe {}
}
