package io.tokenguardian.verdict;

/**
 * How many connections rule out that an address leads to a replica that none of them has reached. kube-proxy deals each
 * new connection to one of the replicas at random (docs/api-server.md, TLS and addresses).
 */
public final class UnmetReplica {
    /** The chance that remains: one in a thousand. */
    private static final double CHANCE = 0.001;

    /** More replicas than any control plane has. More clocks than this are one replica's that jumps. */
    private static final int MOST_REPLICAS = 7;

    private UnmetReplica() {}

    /**
     * The least number of connections to {@code met} replicas after which a further replica, as likely to be reached as
     * each of them, remains unreached with a chance of at most 0.1 %: 10 for one replica, 18 for two, 25 for three.
     *
     * @param met how many replicas have been distinguished; more than 7 count as 7. For 0 the result is 0
     */
    public static int connectionsToRuleOut(int met) {
        if (met == 0) {
            return 0;
        }
        double replicas = Math.min(met, MOST_REPLICAS);
        return (int) Math.ceil(Math.log(CHANCE) / Math.log(replicas / (replicas + 1)));
    }
}
