package io.tokenguardian.guardian;

import io.tokenguardian.clock.Instants;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges a token without a probe, on the basis of its validity window and the clocks of the observed replicas. The
 * token is accepted while all clocks are certain to be inside the window.
 */
final class ClockJudge {
    private ClockJudge() {}

    /** Pending while no replica's clock is known. No acceptance is dated before {@code since}, the first reading. */
    static Verdict judge(ValidityWindow window, List<ObservedReplica> replicas, Instant since, Instant now) {
        ObservedReplica last = lastToReach(window, replicas);
        if (last == null || last.clock() == null) {
            return new Verdict.Pending();
        }
        Instant reached = since;
        if (window.from() != null) {
            Instant latest = last.clock().latest(window.from());
            if (now.isBefore(latest)) {
                return Verdict.NotYetValid.of(last.address(), last.certificate(), last.clock(), window.from(), now);
            }
            reached = Instants.later(latest, since);
        }
        Optional<ObservedReplica> expired = replicas.stream()
                .filter(replica -> !now.isBefore(leavesAt(window, replica)))
                .findFirst();
        return window.until() != null && expired.isPresent()
                ? new Verdict.Expired(expired.get().address(), expired.get().certificate(), window.until())
                : new Verdict.Accepted(reached, null);
    }

    /** Returns the earliest instant at which a clock may leave the window; {@link Instant#MAX} if it has no end. */
    static Instant leavesAt(ValidityWindow window, List<ObservedReplica> replicas) {
        return replicas.stream()
                .map(replica -> leavesAt(window, replica))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    private static Instant leavesAt(ValidityWindow window, ObservedReplica replica) {
        return window.until() == null || replica.clock() == null
                ? Instant.MAX
                : replica.clock().earliest(window.until());
    }

    /** Returns the replica whose clock may be the furthest behind; null if no clock is known. */
    private static @Nullable ObservedReplica lastToReach(ValidityWindow window, List<ObservedReplica> replicas) {
        Instant reading = window.from() == null ? Instant.EPOCH : window.from();
        return replicas.stream()
                .filter(replica -> replica.clock() != null)
                .max(Comparator.comparing(replica -> reaches(replica, reading)))
                .orElse(null);
    }

    private static Instant reaches(ObservedReplica replica, Instant reading) {
        return replica.clock() == null ? Instant.MIN : replica.clock().latest(reading);
    }
}
