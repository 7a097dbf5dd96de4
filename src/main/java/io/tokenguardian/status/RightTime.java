package io.tokenguardian.status;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.guardian.TokenStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Determines whose clock is right, for refusals, warnings and {@code check --kubeconfig} (docs/decisions/status.md). If
 * this node's clock agrees with the right time, the other clocks are compared with this node's clock.
 */
public final class RightTime {
    static final String NODE = "this node";

    /** The maximum difference between clocks that agree with each other. */
    static final Duration AGREEING = Duration.ofSeconds(5);

    /** How far within the limit, but at most by half of it, a clock that was off has to be to count as right. */
    private static final Duration NEARER = Duration.ofSeconds(2);

    /** A replica's clock or {@link #NODE}, and how far it is ahead of the reference, such as this node's clock. */
    public record Clock(String name, OffsetInterval ahead) {

        public Duration aheadOf(Clock other) {
            return ahead.midpoint().minus(other.ahead.midpoint());
        }

        boolean agreesWith(Clock other) {
            return aheadOf(other).abs().compareTo(AGREEING) <= 0;
        }

        boolean isNode() {
            return name.equals(NODE);
        }
    }

    private final List<Clock> clocks;
    private final Clock right;

    private RightTime(List<Clock> clocks, Duration reference) {
        this.clocks = clocks;
        Clock best = clocks.stream()
                .max(Comparator.<Clock>comparingLong(clock ->
                                clocks.stream().filter(clock::agreesWith).count())
                        .thenComparing(
                                clock -> clock.ahead.midpoint().minus(reference).abs(), Comparator.reverseOrder()))
                .orElseThrow();
        right = clocks.stream()
                .filter(clock -> clock.isNode() && clock.agreesWith(best))
                .findFirst()
                .orElse(best);
    }

    /** Considers this node's clock and the known clocks of the replicas in {@code tokenStatus}. */
    public static RightTime of(TokenStatus tokenStatus) {
        return withNode(NamedReplica.of(tokenStatus.replicas(), tokenStatus.at()).stream()
                .flatMap(replica -> replica.clock(tokenStatus.at(), tokenStatus.nodeClockShift()).stream())
                .toList());
    }

    /** Considers this node's clock and the clocks of {@code replicas}, which are relative to this node's clock. */
    static RightTime withNode(List<Clock> replicas) {
        List<Clock> clocks = new ArrayList<>();
        clocks.add(new Clock(NODE, new OffsetInterval(Duration.ZERO, Duration.ZERO)));
        clocks.addAll(replicas);
        return new RightTime(List.copyOf(clocks), Duration.ZERO);
    }

    /** Considers only the clocks of {@code replicas}, at least one. */
    public static RightTime ofReplicas(List<Clock> replicas) {
        List<Duration> sorted =
                replicas.stream().map(clock -> clock.ahead.midpoint()).sorted().toList();
        return new RightTime(List.copyOf(replicas), sorted.get(sorted.size() / 2));
    }

    /** This node's clock, if included, comes first. */
    List<Clock> clocks() {
        return clocks;
    }

    public Clock right() {
        return right;
    }

    String base() {
        return right.isNode() ? "this node's" : clocks.size() == 2 ? right.name + "'s" : "most replicas'";
    }

    /** How far a clock is off that is {@code ahead} of the right clock: {@code 1 min 15 s behind this node's}. */
    String difference(Duration ahead) {
        return Seconds.text(ahead) + (ahead.isNegative() ? " behind " : " ahead of ") + base();
    }

    /** Of only two clocks, this node's and a replica's, either may be wrong. */
    String orNode() {
        return clocks.size() == 2 ? " or this node's" : "";
    }

    /** The clocks certainly beyond {@code limit}, furthest first; {@link #NEARER} applies to {@code known} clocks. */
    public List<Clock> off(Duration limit, Set<String> known) {
        Duration half = limit.dividedBy(2);
        Duration lower = limit.minus(NEARER).compareTo(half) > 0 ? limit.minus(NEARER) : half;
        return clocks.stream()
                .filter(clock -> leastDifference(clock).compareTo(known.contains(clock.name) ? lower : limit) > 0)
                .sorted(Comparator.comparing(this::leastDifference).reversed())
                .toList();
    }

    /** A clause that names the replica whose clock is furthest off; empty if none is certainly beyond {@code limit}. */
    public Optional<String> replicaBeyond(Duration limit) {
        return off(limit, Set.of()).stream()
                .filter(clock -> !clock.isNode())
                .findFirst()
                .map(clock -> clock.name + "'s clock is " + difference(clock.aheadOf(right)));
    }

    private Duration leastDifference(Clock clock) {
        return clock.aheadOf(right)
                .abs()
                .minus(clock.ahead.uncertainty())
                .minus(clock.equals(right) ? Duration.ZERO : right.ahead.uncertainty());
    }
}
