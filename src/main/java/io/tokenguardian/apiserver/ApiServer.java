package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.List;

/**
 * The API server behind one address. If the API server has several replicas, the network picks one for each connection.
 */
public interface ApiServer {
    /** A replica counts as silent if it has not responded for this long, although another replica has. */
    Duration SILENCE = Duration.ofMillis(200);

    /** Returns a new probe connection, which is not opened until its first request is sent. */
    ProbeConnection open();

    /**
     * Returns the targets of the next connections: one new connection to each. If the replicas are known, the targets
     * are the replicas, with the silent replicas last.
     */
    default List<ApiServer> round() {
        return List.of(this);
    }

    /** Returns the known replicas. */
    default Replicas replicas() {
        return Replicas.UNKNOWN;
    }

    /** Returns the discovered replicas in list order; empty if they are not known. */
    default List<Discovered> discovered() {
        return List.of();
    }

    /**
     * Adds a listener that is called when a discovered replica is newly known to accept a token, and when the set of
     * replicas changes. The listener may be called on any thread, and must return at once.
     *
     * @return an action that removes the listener
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

    /**
     * A snapshot of the known replicas.
     *
     * @param generation changes whenever the set of replicas changes
     * @param count the number of replicas; 0 if unknown
     */
    record Replicas(long generation, int count) {
        static final Replicas UNKNOWN = new Replicas(0, 0);
    }
}
