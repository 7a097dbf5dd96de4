package io.tokenguardian.verdict;

import java.time.Instant;

/** The next probe: its time on the local timeline, and its connection. */
public sealed interface NextProbe {
    Instant at();

    /** A probe over a new connection, to whichever replica that connection reaches. */
    record NewConnection(Instant at) implements NextProbe {}

    /** Another probe of a replica that has refused, over the connection on which it refused. */
    record SameConnection(Instant at, int connection) implements NextProbe {}
}
