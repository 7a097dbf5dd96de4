package io.tokenguardian.standin;

import java.util.Random;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Picks a random replica for each connection, like kube-proxy in iptables mode (measured with Kubernetes 1.36). All
 * selections in a process use the same seed. Running with {@code -Dstandin.seed=N} repeats a run whose seed was N.
 *
 * <p>The program itself allows for a chance of one in a thousand that it does not reach a replica. All tests of a run
 * would have this bad luck together, because they share the seed. So a seed is chosen whose first connections reach all
 * replicas.
 */
final class RandomSelection implements ReplicaSelection {

    /** The number of connections that reach all replicas. It is the lowest {@code --connections} of a test. */
    private static final int CONNECTIONS = 8;

    /** The largest number of replicas of a test's control plane. */
    private static final int MOST_REPLICAS = 4;

    static final long SEED = Long.getLong("standin.seed", seedThatReachesAll(System::nanoTime));

    private static volatile boolean drawn;

    private final Random random = new Random(SEED);

    /** Returns the first of {@code seeds} whose first {@value #CONNECTIONS} connections reach all replicas. */
    static long seedThatReachesAll(LongSupplier seeds) {
        return LongStream.generate(seeds)
                .filter(seed ->
                        IntStream.rangeClosed(2, MOST_REPLICAS).allMatch(replicas -> reachesAll(seed, replicas)))
                .findFirst()
                .orElseThrow();
    }

    private static boolean reachesAll(long seed, int replicas) {
        ReplicaSelection selection = ReplicaSelection.random(seed);
        return IntStream.range(0, CONNECTIONS)
                        .map(i -> selection.next(replicas))
                        .distinct()
                        .count()
                == replicas;
    }

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
