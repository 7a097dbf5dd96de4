package io.tokenguardian.apiserver;

/** The API server behind one address, which may be several replicas of which the network picks one a connection. */
public interface ApiServer {

    /** A conversation over a connection of its own, which is made when the first question is asked. */
    Conversation open();

    /**
     * The same with the replica whose turn it is, where the replicas are known: as many turns in a row as there are
     * replicas reach each of them once.
     */
    default Conversation open(int turn) {
        return open();
    }

    /** The replicas that are known. */
    default Replicas replicas() {
        return Replicas.UNKNOWN;
    }

    /**
     * What is known of the replicas at one time.
     *
     * @param generation another one whenever the replicas are others
     * @param count how many there are; 0 when nobody knows
     */
    record Replicas(long generation, int count) {
        static final Replicas UNKNOWN = new Replicas(0, 0);
    }
}
