package io.tokenguardian.verdict;

/**
 * Computes how many connections to an address rule out a further replica behind it. kube-proxy assigns each new
 * connection to a random replica (docs/api-server.md, TLS and addresses).
 */
public final class UnmetReplica {
    /** The tolerated probability that a replica remains unreached: one in a thousand. */
    private static final double CHANCE = 0.001;

    /** More than any control plane has. If more clocks are distinguished, one replica's clock is jumping. */
    private static final int MOST_REPLICAS = 7;

    private UnmetReplica() {}

    /** Returns 10 for one distinguished replica, 18 for two, 25 for three. */
    public static int connectionsToRuleOut(int met) {
        if (met == 0) {
            return 0;
        }
        double replicas = Math.min(met, MOST_REPLICAS);
        return (int) Math.ceil(Math.log(CHANCE) / Math.log(replicas / (replicas + 1)));
    }
}
