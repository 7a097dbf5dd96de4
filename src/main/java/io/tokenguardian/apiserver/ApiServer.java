package io.tokenguardian.apiserver;

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

    /** Returns the addresses of the discovered replicas, in list order; empty if they are not known. */
    default List<ApiServerAddress> discovered() {
        return List.of();
    }

    /** Calls {@code changeListener}, on any thread, when the discovered replicas change. It must return at once. */
    default void onReplicaChange(Runnable changeListener) {}

    /** A snapshot. The generation changes with the set of replicas; the count is 0 if unknown. */
    record Replicas(long generation, int count) {
        static final Replicas UNKNOWN = new Replicas(0, 0);
    }
}
