package io.tokenguardian.dev;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How the dealing address picks the replica of each new connection, which then belongs to that replica for its life: a
 * service address behind kube-proxy.
 */
@FunctionalInterface
public interface Dealing {

    /** The replica, {@code 0} to {@code replicas - 1}, that gets the next connection. Called from several threads. */
    int next(int replicas);

    /** Each replica in turn, from the first. */
    static Dealing roundRobin() {
        AtomicInteger turn = new AtomicInteger();
        return replicas -> Math.floorMod(turn.getAndIncrement(), replicas);
    }

    /** Any replica, in an order that {@code seed} decides. */
    static Dealing random(long seed) {
        Random random = new Random(seed);
        return random::nextInt;
    }

    /** Replicas in just this order, and from its beginning again once it is through. */
    static Dealing order(int... replicas) {
        if (replicas.length == 0) {
            throw new IllegalArgumentException("an order of dealing names at least one replica");
        }
        int[] order = replicas.clone();
        AtomicInteger turn = new AtomicInteger();
        return count -> Math.floorMod(order[Math.floorMod(turn.getAndIncrement(), order.length)], count);
    }
}
