package io.tokenguardian.status;

import io.tokenguardian.clock.Seconds;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.RightTime.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Warns about clocks that are off while the token is accepted, with the effect on the next token. */
final class ClockWarnings {
    private final RightTime time;
    private final Clock right;

    private ClockWarnings(TokenStatus tokenStatus) {
        this.time = RightTime.withNode(RightTime.replicas(tokenStatus));
        this.right = time.right();
    }

    /**
     * As {@link Explanation#warnings}: none while the token is not accepted, as the verdict then names the clock.
     *
     * @param known the clocks that were off before; a warning persists until its clock is 2 s within the limit
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
        warnings.time
                .off(leeway.dividedBy(2), known)
                .forEach(clock -> explanations.put(
                        clock.name(), clock.isNode() ? warnings.ofNode() : warnings.ofReplica(clock, leeway)));
        return explanations;
    }

    /** As {@link Explanation#clocksOff}. */
    static Set<String> off(TokenStatus tokenStatus, Duration leeway) {
        return new ClockWarnings(tokenStatus)
                .time.off(leeway.dividedBy(2), Set.of()).stream()
                        .map(Clock::name)
                        .collect(Collectors.toUnmodifiableSet());
    }

    static boolean knows(TokenStatus tokenStatus, String name) {
        return new ClockWarnings(tokenStatus)
                .time.clocks().stream().anyMatch(clock -> clock.name().equals(name));
    }

    /** As {@link Explanation#skewBeyond}. */
    static Optional<String> replicaBeyond(TokenStatus tokenStatus, Duration limit) {
        ClockWarnings warnings = new ClockWarnings(tokenStatus);
        return warnings.time.off(limit, Set.of()).stream()
                .filter(clock -> !clock.isNode())
                .findFirst()
                .map(warnings::difference);
    }

    private String difference(Clock clock) {
        return clock.name() + "'s clock is " + ComparedClocks.difference(clock.aheadOf(right))
                + (right.isNode() ? " this node's" : " the other replicas'");
    }

    private Explanation ofNode() {
        Duration ahead = time.clocks().get(0).aheadOf(right);
        return new Explanation(
                Explanation.capital(RightTime.NODE) + "'s clock is " + ComparedClocks.difference(ahead)
                        + " the API server replicas'. kubelet uses it, and replaces"
                        + " tokens that much too " + (ahead.isNegative() ? "late." : "early."),
                "Set this node's clock (NTP).");
    }

    private Explanation ofReplica(Clock clock, Duration leeway) {
        boolean onlyOne = time.clocks().size() == 2;
        String consequence = clock.aheadOf(right).isNegative() ? ofSlow(clock, leeway) : ofFast(clock, leeway);
        return new Explanation(
                difference(clock) + ". "
                        + (onlyOne ? "If this node's is right, " + consequence : Explanation.capital(consequence)),
                onlyOne ? "One of the two clocks is wrong: set it (NTP)." : "Set " + clock.name() + "'s clock (NTP).");
    }

    /** Describes the effect of a slow clock on the tokens of replicas whose clocks are ahead of it. */
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

    /** Describes the effect of a fast clock on the tokens that its replica issues. */
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

    /** The replicas' clocks. This node's clock, unless it is off, stands for a replica that has not been observed. */
    private Stream<Clock> replicas() {
        return time.clocks().stream().filter(each -> !each.isNode() || each.equals(right));
    }

    private String others(Clock clock, String last) {
        List<String> names = time.clocks().stream()
                .filter(each -> !each.isNode() && each.agreesWith(clock))
                .map(Clock::name)
                .sorted()
                .toList();
        return names.isEmpty() ? "another replica" : NamedReplica.joined(names, last);
    }
}
