package io.tokenguardian.standin;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Chooses a replica for each new connection to the service address. The connection then stays with that replica, as
 * behind kube-proxy. Only {@link #atRandom} behaves like kube-proxy. A test that needs a different selection must state
 * why.
 */
@FunctionalInterface
public interface ReplicaSelection {

    /**
     * Returns the index of the replica for the next connection, from 0 to {@code replicas - 1}. Called from several
     * threads.
     */
    int next(int replicas);

    /** A random replica each time, from the sequence that this process's seed determines. */
    static ReplicaSelection atRandom() {
        return new RandomSelection();
    }

    /** Each replica in turn, beginning with the first. */
    static ReplicaSelection inTurn() {
        AtomicInteger turn = new AtomicInteger();
        return replicas -> Math.floorMod(turn.getAndIncrement(), replicas);
    }

    /** A random replica each time, from a sequence that {@code seed} determines. */
    static ReplicaSelection random(long seed) {
        Random random = new Random(seed);
        return random::nextInt;
    }

    /** The replicas in this order, repeated endlessly. */
    static ReplicaSelection order(int... replicas) {
        if (replicas.length == 0) {
            throw new IllegalArgumentException("the order must name at least one replica");
        }
        int[] order = replicas.clone();
        AtomicInteger turn = new AtomicInteger();
        return count -> Math.floorMod(order[Math.floorMod(turn.getAndIncrement(), order.length)], count);
    }
}
