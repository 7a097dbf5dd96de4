package io.tokenguardian.verdict;

/**
 * Computes how many connections to an address are needed to rule out a further replica behind it that none of them has
 * reached. kube-proxy assigns each new connection to a random replica (docs/api-server.md, TLS and addresses).
 */
public final class UnmetReplica {
    /** The tolerated probability that a replica remains unreached: one in a thousand. */
    private static final double CHANCE = 0.001;

    /**
     * More replicas than any control plane has. If more clocks than this are distinguished, one replica's clock is
     * jumping.
     */
    private static final int MOST_REPLICAS = 7;

    private UnmetReplica() {}

    /**
     * Returns the minimum number of connections to {@code met} replicas after which the probability that a further
     * replica is unreached is at most 0.1 %, if all replicas are equally likely to be reached: 10 for one replica, 18
     * for two, 25 for three.
     *
     * @param met how many replicas have been distinguished; more than 7 count as 7. For 0, the result is 0
     */
    public static int connectionsToRuleOut(int met) {
        if (met == 0) {
            return 0;
        }
        double replicas = Math.min(met, MOST_REPLICAS);
        return (int) Math.ceil(Math.log(CHANCE) / Math.log(replicas / (replicas + 1)));
    }
}
