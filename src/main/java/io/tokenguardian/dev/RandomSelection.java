package io.tokenguardian.dev;

import java.util.Random;

/**
 * Picks a random replica for each connection, like kube-proxy in iptables mode (measured with Kubernetes 1.36). All
 * selections in a process use the same seed. Running with {@code -Dstandin.seed=N} repeats a run whose seed was N.
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

    /** Whether a different replica could have been picked for any connection since {@link #forget}. */
    static boolean mattered() {
        return drawn;
    }

    static void forget() {
        drawn = false;
    }
}
