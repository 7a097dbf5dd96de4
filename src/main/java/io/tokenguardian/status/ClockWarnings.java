package io.tokenguardian.status;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whose clock is off while the token is accepted, and what that will do to the next token. The right time is that of
 * the most clocks that agree with each other: the node's, and those of the replicas. If two times have as many clocks,
 * the one nearer to the node's is right.
 */
final class ClockWarnings {
    /** The key of the node's clock. */
    static final String NODE = "this node";

    /** Clocks that differ by at most this agree with each other. */
    private static final Duration AGREEING = Duration.ofSeconds(5);

    /**
     * A warning ends only when its clock is off by this much less than the limit; where the limit is below twice this,
     * by less than half of it. So a clock near the limit does not give a warning each minute.
     */
    private static final Duration NEARER = Duration.ofSeconds(2);

    /** @param ahead how far the clock is ahead of the node's */
    private record Clock(String name, OffsetInterval ahead) {

        Duration aheadOf(Clock other) {
            return ahead.midpoint().minus(other.ahead.midpoint());
        }

        boolean agreesWith(Clock other) {
            return aheadOf(other).abs().compareTo(AGREEING) <= 0;
        }

        boolean isNode() {
            return name.equals(NODE);
        }
    }

    private final TokenStatus tokenStatus;

    /** The node's, then the replicas'. */
    private final List<Clock> clocks = new ArrayList<>();

    /** One of those that have the right time. */
    private final Clock right;

    private ClockWarnings(TokenStatus tokenStatus) {
        this.tokenStatus = tokenStatus;
        clocks.add(new Clock(NODE, new OffsetInterval(Duration.ZERO, Duration.ZERO)));
        NamedReplica.of(tokenStatus.replicas(), tokenStatus.at()).forEach(this::add);
        right = clocks.stream()
                .max(Comparator.comparingLong(this::agreeing)
                        .thenComparing(clock -> clock.ahead().midpoint().abs(), Comparator.reverseOrder()))
                .orElseGet(() -> clocks.get(0));
    }

    private void add(NamedReplica replica) {
        OffsetInterval ahead = replica.observedReplica().aheadOfNode(tokenStatus.at(), tokenStatus.nodeClockShift());
        if (ahead != null) {
            clocks.add(new Clock(replica.distinctName(), ahead));
        }
    }

    private long agreeing(Clock clock) {
        return clocks.stream().filter(clock::agreesWith).count();
    }

    /**
     * The warnings by the name of the clock: one for each clock that is off by more than half the leeway. The clock
     * that is furthest off comes first. Empty while the token is not accepted: then the verdict says whose clock is to
     * blame.
     *
     * @param known the clocks that were off before: they are off until they are well within half the leeway
     */
    static Map<String, Explanation> of(TokenStatus tokenStatus, Set<String> known) {
        Duration leeway = tokenStatus.leeway().orElse(null);
        if (!tokenStatus.isAccepted()
                || leeway == null
                || tokenStatus.replicas().isEmpty()) {
            return Map.of();
        }
        ClockWarnings warnings = new ClockWarnings(tokenStatus);
        Map<String, Explanation> explanations = new LinkedHashMap<>();
        warnings.beyond(leeway.dividedBy(2), known)
                .forEach(clock -> explanations.put(
                        clock.name(), clock.isNode() ? warnings.ofNode() : warnings.ofReplica(clock, leeway)));
        return explanations;
    }

    /**
     * The names of the clocks that are off by more than half the leeway, whatever the verdict.
     *
     * @param leeway that of the API server
     * @param known as for {@link #of}
     */
    static Set<String> off(TokenStatus tokenStatus, Duration leeway, Set<String> known) {
        return new ClockWarnings(tokenStatus)
                .beyond(leeway.dividedBy(2), known)
                .map(Clock::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether a clock of {@code tokenStatus} has this name, which may be a key of {@link #of}. */
    static boolean knows(TokenStatus tokenStatus, String name) {
        return new ClockWarnings(tokenStatus)
                .clocks.stream().anyMatch(clock -> clock.name().equals(name));
    }

    /** Says which replica's clock is furthest off, if by more than {@code limit}; empty if none is, as far as known. */
    static Optional<String> replicaBeyond(TokenStatus tokenStatus, Duration limit) {
        ClockWarnings warnings = new ClockWarnings(tokenStatus);
        return warnings.beyond(limit, Set.of())
                .filter(clock -> !clock.isNode())
                .findFirst()
                .map(warnings::difference);
    }

    private Stream<Clock> beyond(Duration limit, Set<String> known) {
        Duration half = limit.dividedBy(2);
        Duration lower = limit.minus(NEARER).compareTo(half) > 0 ? limit.minus(NEARER) : half;
        return clocks.stream()
                .filter(clock -> leastDifference(clock).compareTo(known.contains(clock.name()) ? lower : limit) > 0)
                .sorted(Comparator.comparing(this::leastDifference).reversed());
    }

    /** By how much the clock is off for certain, whatever its uncertainty. */
    private Duration leastDifference(Clock clock) {
        return clock.aheadOf(right)
                .abs()
                .minus(clock.ahead().uncertainty())
                .minus(clock.equals(right) ? Duration.ZERO : right.ahead().uncertainty());
    }

    private String difference(Clock clock) {
        return clock.name() + "'s clock is " + ComparedClocks.difference(clock.aheadOf(right))
                + (right.agreesWith(clocks.get(0)) ? " this node's" : " the other replicas'");
    }

    private Explanation ofNode() {
        Duration ahead = clocks.get(0).aheadOf(right);
        return new Explanation(
                Explanation.capital(NODE) + "'s clock is " + ComparedClocks.difference(ahead)
                        + " the API server replicas'. kubelet goes by it, and replaces"
                        + " tokens that much too " + (ahead.isNegative() ? "late." : "early."),
                "Set this node's clock (NTP).");
    }

    private Explanation ofReplica(Clock clock, Duration leeway) {
        boolean onlyOne = clocks.size() == 2;
        String consequence =
                clock.aheadOf(right).isNegative() ? ofSlow(clock, leeway) : ofFast(clock, leeway) + expiry(clock);
        return new Explanation(
                difference(clock) + ". "
                        + (onlyOne ? "If this node's is right, " + consequence : Explanation.capital(consequence)),
                onlyOne ? "One of the two clocks is wrong: set it (NTP)." : "Set " + clock.name() + "'s clock (NTP).");
    }

    /** What a clock that is behind does to the tokens of those that are ahead of it. */
    private String ofSlow(Clock slow, Duration leeway) {
        Clock fastest =
                replicas().max(Comparator.comparing(each -> each.aheadOf(slow))).orElse(right);
        Duration refused = fastest.aheadOf(slow).minus(leeway);
        return refused.isNegative()
                ? "this API server replica still accepts new tokens; it refuses them (401 Unauthorized) once its clock is "
                        + Seconds.text(leeway) + " behind."
                : "pods whose token " + others(fastest, "or")
                        + " issues get 401 Unauthorized (\"service account token is"
                        + " not valid yet\") from this API server replica for their first " + Seconds.text(refused)
                        + ".";
    }

    /** What a clock that is ahead does to its own tokens. */
    private String ofFast(Clock fast, Duration leeway) {
        Clock slowest = replicas().max(Comparator.comparing(fast::aheadOf)).orElse(right);
        Duration refused = fast.aheadOf(slowest).minus(leeway);
        return refused.isNegative()
                ? "the tokens that this API server replica issues are still accepted; others refuse them (401"
                        + " Unauthorized) once its clock is " + Seconds.text(leeway) + " ahead."
                : "pods whose token this API server replica issues get 401 Unauthorized (\"service account token is not"
                        + " valid yet\") from " + others(slowest, "and") + " for their first " + Seconds.text(refused)
                        + ".";
    }

    /** The clocks of replicas. The node's stands for one that has not been met, unless it is off itself. */
    private Stream<Clock> replicas() {
        return clocks.stream().filter(each -> !each.isNode() || each.agreesWith(right));
    }

    /** The replicas whose clocks agree with {@code clock}. */
    private String others(Clock clock, String last) {
        List<String> names = clocks.stream()
                .filter(each -> !each.isNode() && each.agreesWith(clock))
                .map(Clock::name)
                .sorted()
                .toList();
        return names.isEmpty() ? "another replica" : NamedReplica.joined(names, last);
    }

    /** A replica whose clock is far ahead takes the token for expired before kubelet replaces it. */
    private String expiry(Clock fast) {
        Token token = tokenStatus.token();
        Instant until = tokenStatus.window().until();
        Instant rotation = token == null ? null : token.claims().rotationDue().orElse(null);
        if (until == null || rotation == null) {
            return "";
        }
        Duration early = Duration.between(until.minus(fast.aheadOf(right)), rotation);
        return early.isNegative() || early.isZero()
                ? ""
                : " It takes this token for expired " + Seconds.text(early) + " before kubelet replaces it.";
    }
}
