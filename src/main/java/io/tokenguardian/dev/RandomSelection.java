package io.tokenguardian.dev;

import java.util.Random;

/**
 * A random replica for each connection, as kube-proxy chooses it in iptables mode (measured with Kubernetes 1.36). All
 * selections of a process draw from the same seed: a run with {@code -Dstandin.seed=N} repeats a run with seed N.
 */
final class RandomSelection implements ReplicaSelection {

    static final long SEED = Long.getLong("standin.seed", System.nanoTime());

    private static volatile boolean drawn;

    private final Random random = new Random(SEED);

    @Override
    public int next(int replicas) {
        drawn |= replicas > 1;
        return random.nextInt(replicas);
    }

    /** Whether any connection since {@link #forget} could have reached another replica. */
    static boolean mattered() {
        return drawn;
    }

    static void forget() {
        drawn = false;
    }
}
