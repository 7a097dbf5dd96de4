package io.tokenguardian.fleet;

import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;

/**
 * A node's kubelet: it requests the tokens of the node's pods from one API server, over one connection, and looks at
 * all of them together once a minute (docs/api-server.md, kubelet's token volume).
 */
final class FleetNode {
    static final Duration LIFETIME = Duration.ofSeconds(3607);
    private static final Duration EXTENDED = Duration.ofDays(365);
    private static final Duration JITTER = Duration.ofSeconds(10);
    private static final Duration SYNC = Duration.ofMinutes(1);

    /** The volumes of all pods are written within this time. */
    private static final Duration WRITING = Duration.ofSeconds(1);

    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final Fleet fleet;
    private final SplittableRandom random;
    private final Instant firstSync;

    /** From this time on, the lifetime of the first tokens counts, so that not all nodes replace theirs together. */
    private final Instant firstIssue;

    private FleetReplica issuer;

    FleetNode(Fleet fleet, SplittableRandom random) {
        this.fleet = fleet;
        this.random = random;
        this.issuer = fleet.network.replicas.get(random.nextInt(3));
        this.firstSync = fleet.time.now().minus(part(SYNC));
        // The next tokens come after the start of the last pod.
        this.firstIssue = fleet.time
                .now()
                .minus(part(LIFETIME.multipliedBy(4)
                        .dividedBy(5)
                        .minus(Fleet.STARTING)
                        .minus(JITTER)));
    }

    /** Returns a random part of {@code most}. */
    private Duration part(Duration most) {
        return Duration.ofNanos(random.nextLong(most.toNanos()));
    }

    /** Starts a pod with a new token, which is replaced as if it were as old as the node's others. */
    void startOld(FleetPod pod) {
        pod.read(token(pod, issuer.clock()));
        replaceLater(pod, token(pod, firstIssue.plus(issuer.ahead())));
    }

    /** Starts a new pod, whose token {@code from} issues. */
    void startNew(FleetPod pod, FleetReplica from) {
        write(pod, from.clock());
    }

    private void write(FleetPod pod, Instant issuedAt) {
        Token token = token(pod, issuedAt);
        pod.read(token);
        replaceLater(pod, token);
    }

    /** Every fourth pod's token ends with the requested lifetime. */
    private static Token token(FleetPod pod, Instant issuedAt) {
        return Tokens.of(issuedAt, LIFETIME, pod.kind % 4 == 3 ? LIFETIME : EXTENDED);
    }

    private void replaceLater(FleetPod pod, Token token) {
        Instant due = token.claims().rotationDue().orElseThrow().minus(part(JITTER));
        long syncs = Duration.between(firstSync, due).dividedBy(SYNC) + 1;
        Instant sync = firstSync.plus(SYNC.multipliedBy(syncs));
        fleet.time.at(sync.plus(part(WRITING)), () -> rotate(pod));
    }

    private void rotate(FleetPod pod) {
        if (!issuer.isUp()) {
            issuer = fleet.network.replicas.get(random.nextInt(3)); // a new connection
        }
        if (issuer.isUp()) {
            write(pod, issuer.clock());
        } else {
            fleet.time.after(AGAIN, () -> rotate(pod));
        }
    }
}
