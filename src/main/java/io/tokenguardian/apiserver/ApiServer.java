package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.List;

/** The API server behind one address. The network picks one of its replicas for each connection. */
public interface ApiServer {
    /** A replica counts as silent if it has not responded for this long, although another replica has. */
    Duration SILENCE = Duration.ofMillis(200);

    /** Returns a new probe connection, which is not opened until its first request is sent. */
    ProbeConnection open();

    /** The targets of the next connections: one new connection to each. Known replicas that are silent come last. */
    default List<ApiServer> round() {
        return List.of(this);
    }

    default Replicas replicas() {
        return Replicas.UNKNOWN;
    }

    /** Returns the discovered replicas in list order; empty if they are not known. */
    default List<Discovered> discovered() {
        return List.of();
    }

    /**
     * Calls {@code changeListener}, on any thread, when a discovered replica newly accepts a token or the replicas
     * change. It must return at once. Returns an action that removes it.
     */
    default Runnable onReplicaChange(Runnable changeListener) {
        return () -> {};
    }

    /** A discovered replica, which has its own address. May be used by any thread. */
    interface Discovered {
        ApiServerAddress address();

        /** Whether the replica accepted {@code token} in the last conclusive probe sent to its address. */
        boolean accepts(Token token);
    }

    /** A snapshot. The generation changes with the set of replicas; the count is 0 if unknown. */
    record Replicas(long generation, int count) {
        static final Replicas UNKNOWN = new Replicas(0, 0);
    }
}
