package io.tokenguardian.status;

import io.tokenguardian.clock.Seconds;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.RightTime.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Warns about clocks that are off while the token is accepted, with the effect on the next token. */
public final class ClockWarnings {
    private static final Duration USUAL_LEEWAY = Duration.ofSeconds(60);

    private ClockWarnings() {}

    /**
     * Returns a warning for each clock that is off by more than half the leeway, keyed by the clock's name, the clock
     * that is furthest off first. None while the token is not accepted, as the verdict then names the clock.
     */
    public static Map<String, Explanation> of(TokenStatus tokenStatus) {
        return of(tokenStatus, Set.of());
    }

    /** @param known the clocks that were off before; a warning persists until its clock is 2 s within the limit */
    static Map<String, Explanation> of(TokenStatus tokenStatus, Set<String> known) {
        Duration leeway = tokenStatus.leeway().orElse(null);
        if (!tokenStatus.isAccepted()
                || leeway == null
                || tokenStatus.replicas().isEmpty()) {
            return Map.of();
        }
        RightTime time = RightTime.of(tokenStatus);
        Map<String, Explanation> warnings = new LinkedHashMap<>();
        time.off(leeway.dividedBy(2), known).forEach(clock -> warnings.put(clock.name(), explain(clock, time, leeway)));
        return warnings;
    }

    /**
     * Returns the clocks that are off by more than half the leeway, whatever the verdict: a replica's
     * {@link NamedReplica#name} or {@code this node}.
     */
    public static Set<String> clocksOff(TokenStatus tokenStatus) {
        Duration limit = tokenStatus.leeway().orElse(USUAL_LEEWAY).dividedBy(2);
        return RightTime.of(tokenStatus).off(limit, Set.of()).stream()
                .map(Clock::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Explanation explain(Clock clock, RightTime time, Duration leeway) {
        Duration ahead = clock.aheadOf(time.right());
        Clock other = farthest(clock, time);
        Duration beyond = clock.aheadOf(other).abs().minus(leeway);
        ReportedCause beyondLeeway = ahead.isNegative() ? ReportedCause.CLOCK_BEHIND : ReportedCause.CLOCK_AHEAD;
        ReportedCause cause = clock.isNode()
                ? ReportedCause.NODE_CLOCK_OFF
                : beyond.compareTo(Duration.ZERO) > 0 ? beyondLeeway : ReportedCause.CLOCK_OFF;
        return cause.explain(Map.of(
                "replica", clock.name(),
                "off", time.difference(ahead),
                "other", other.equals(time.right()) ? time.base() : other.name() + "'s",
                "or node's", time.orNode(),
                "leeway", Seconds.text(leeway),
                "beyond", Seconds.text(beyond)));
    }

    /** The clock from which a replica's clock differs most, in the same direction as from the right time. */
    private static Clock farthest(Clock clock, RightTime time) {
        int direction = clock.aheadOf(time.right()).isNegative() ? 1 : -1;
        return Stream.concat(Stream.of(time.right()), time.clocks().stream().filter(each -> !each.isNode()))
                .max(Comparator.comparing(each -> each.aheadOf(clock).multipliedBy(direction)))
                .orElseThrow();
    }
}
