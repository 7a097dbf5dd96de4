package io.tokenguardian.guardian;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.verdict.ValidityWindow;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rule from a token's window and the clocks of the replicas met to a verdict, for a token that nobody is shown. Every one
 * of the clocks must be inside the window for certain: from the last moment at which the last of them may reach it, to the
 * first at which the first of them may leave it.
 */
final class ClockJudge {
    private ClockJudge() {}

    /**
     * Judges at {@code now}; pending while no replica's clock is known.
     *
     * @param since when the token was first seen: it was not accepted before
     */
    static Verdict judge(ValidityWindow window, List<ReplicaSighting> replicas, Instant since, Instant now) {
        ReplicaSighting last = lastToReach(window, replicas);
        if (last == null || last.clock() == null) {
            return new Verdict.Pending();
        }
        Instant reached = since;
        if (window.from() != null) {
            Instant latest = last.clock().latest(window.from());
            if (now.isBefore(latest)) {
                return notYet(last.address(), last.clock(), window.from(), now);
            }
            reached = latest.isAfter(since) ? latest : since;
        }
        Optional<ReplicaSighting> passed = replicas.stream()
                .filter(replica -> !now.isBefore(leaves(window, replica)))
                .findFirst();
        return window.until() != null && passed.isPresent()
                ? new Verdict.Expired(passed.get().address(), window.until())
                : new Verdict.Accepted(reached, null);
    }

    /** When the first of the clocks may leave the window; far away for a token that never expires. */
    static Instant leaves(ValidityWindow window, List<ReplicaSighting> replicas) {
        return replicas.stream()
                .map(replica -> leaves(window, replica))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    private static Instant leaves(ValidityWindow window, ReplicaSighting replica) {
        return window.until() == null || replica.clock() == null
                ? Instant.MAX
                : replica.clock().earliest(window.until());
    }

    /** The replica whose clock is the furthest behind, as far as clocks are known; null where none is. */
    private static @Nullable ReplicaSighting lastToReach(ValidityWindow window, List<ReplicaSighting> replicas) {
        Instant reading = window.from() == null ? Instant.EPOCH : window.from();
        return replicas.stream()
                .filter(replica -> replica.clock() != null)
                .max(Comparator.comparing(replica -> reaches(replica, reading)))
                .orElse(null);
    }

    private static Instant reaches(ReplicaSighting replica, Instant reading) {
        return replica.clock() == null ? Instant.MIN : replica.clock().latest(reading);
    }

    private static Verdict notYet(String address, ClockEstimate clock, Instant from, Instant now) {
        return new Verdict.NotYetValid(address, from, clock.earliest(from), clock.latest(from), clock.at(now));
    }
}
