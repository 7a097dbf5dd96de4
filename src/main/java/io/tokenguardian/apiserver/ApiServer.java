package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.List;

/** The API server behind one address. It may have several replicas: the network picks one for each connection. */
public interface ApiServer {
    /** A replica that has not responded for this long, while another replica has responded, is called silent. */
    Duration SILENCE = Duration.ofMillis(200);

    /** Returns a new probe connection. It connects when its first request is sent. */
    ProbeConnection open();

    /**
     * Where the next new connections go, one to each. If the replicas are known, these are the replicas, the silent
     * ones last.
     */
    default List<ApiServer> round() {
        return List.of(this);
    }

    /** The known replicas. */
    default Replicas replicas() {
        return Replicas.UNKNOWN;
    }

    /** The replicas that were discovered, in the order of their list; empty if they are not known. */
    default List<Discovered> discovered() {
        return List.of();
    }

    /**
     * Adds a listener, which is called on any thread when a discovered replica is newly known to accept a token or the
     * set of replicas has changed, and must return at once.
     *
     * @return removes the listener
     */
    default Runnable onReplicaChange(Runnable changeListener) {
        return () -> {};
    }

    /** A replica with its own address. May be used by any thread. */
    interface Discovered {
        ApiServerAddress address();

        /** Whether the last probe at this address that had an answer about {@code token} was accepted. */
        boolean accepts(Token token);
    }

    /**
     * The known replicas at one time.
     *
     * @param generation changes whenever the set of replicas changes
     * @param count their number; 0 if unknown
     */
    record Replicas(long generation, int count) {
        static final Replicas UNKNOWN = new Replicas(0, 0);
    }
}
