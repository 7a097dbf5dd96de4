package io.tokenguardian.apiserver;

/** The API server behind one address. It may have several replicas: the network picks one for each connection. */
public interface ApiServer {

    /** Returns a new probe connection. It connects when its first request is sent. */
    ProbeConnection open();

    /**
     * Returns a new probe connection. If the replicas are known, it goes to number {@code turn} modulo their count: n
     * turns in a row reach n replicas once each.
     */
    default ProbeConnection open(int turn) {
        return open();
    }

    /** The known replicas. */
    default Replicas replicas() {
        return Replicas.UNKNOWN;
    }

    /**
     * The known replicas at one time.
     *
     * @param generation changes whenever the set of replicas changes
     * @param count how many there are; 0 if unknown
     */
    record Replicas(long generation, int count) {
        static final Replicas UNKNOWN = new Replicas(0, 0);
    }
}
