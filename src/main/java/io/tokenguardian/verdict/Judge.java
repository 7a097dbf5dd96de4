package io.tokenguardian.verdict;

import io.tokenguardian.clock.Instants;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The verdict on one token: from the series of its probes and the replicas that refuse it as not yet valid. */
public final class Judge {
    /** How long an API server caches acceptances, even past the window (docs/api-server.md, Authentication cache). */
    private static final Duration SUCCESS_CACHE_TTL = Duration.ofSeconds(10);

    private Judge() {}

    public static Verdict verdict(ValidityWindow window, Series series, Collection<Waiting> waiting, Instant now) {
        Verdict refused = series.refused();
        if (refused != null) {
            return refused;
        }
        Optional<Verdict.NotYetValid> last = waits(window, waiting, now).max(bySoonest());
        if (last.isPresent()) {
            return last.get();
        }
        if (series.accepted() != null) {
            return series.accepted();
        }
        return series.unreachable() == null ? new Verdict.Pending() : new Verdict.Unreachable(series.unreachable());
    }

    /** Returns the refusal by the replica that will accept first; null if none is known to refuse as not yet valid. */
    public static Verdict.@Nullable NotYetValid firstToEnd(
            ValidityWindow window, Collection<Waiting> waiting, Instant now) {
        return waits(window, waiting, now).min(bySoonest()).orElse(null);
    }

    private static Stream<Verdict.NotYetValid> waits(ValidityWindow window, Collection<Waiting> waiting, Instant now) {
        Instant from = window.from();
        return from == null
                ? Stream.of()
                : waiting.stream()
                        .filter(each -> each.isOutstanding(window, now))
                        .map(each -> each.verdict(from, now));
    }

    public static Comparator<Verdict.NotYetValid> bySoonest() {
        return Comparator.comparing(Verdict.NotYetValid::acceptableBy, Comparator.nullsLast(Comparator.naturalOrder()));
    }

    /** Returns how many replicas refuse the token, as far as they can be distinguished. */
    public static int refusers(ValidityWindow window, Series series, Collection<Waiting> waiting, Instant now) {
        int byClock = (int) waiting.stream()
                .filter(each -> each.isOutstanding(window, now))
                .filter(each -> waiting.stream()
                        .noneMatch(other -> other.connection() < each.connection() && each.isLikelyKnownAs(other, now)))
                .count();
        return byClock + (series.refusal() == null ? 0 : 1);
    }

    /** Whether the newest of {@code waiting} need not be kept, because its replica is probably known already. */
    public static boolean isSurplus(Waiting newest, Collection<Waiting> waiting, Instant now) {
        return waiting.stream().anyMatch(other -> newest.isLikelyKnownAs(other, now));
    }

    /**
     * Returns when the verdict needs a probe over a new connection; {@link Instant#MAX} while it waits for a replica
     * over that replica's own connection. A wait for a replica whose connection is lost ends by the clock.
     */
    public static Instant nextNewConnection(
            ValidityWindow window, Series series, Collection<Waiting> waiting, Instant now) {
        boolean waits = waiting.stream().anyMatch(each -> each.isOutstanding(window, now));
        if (series.refused() == null && waits) {
            return waiting.stream()
                    .filter(each -> !each.open() && each.isOutstanding(window, now))
                    .map(each -> each.acceptsBy(window))
                    .filter(Objects::nonNull)
                    .min(Comparator.naturalOrder())
                    .orElse(Instant.MAX);
        }
        return series.accepted() != null && series.isSettled() ? endToProbe(window, series) : series.pausedUntil();
    }

    /**
     * The verdict on a token without a probe: accepted while all clocks are certain to be inside the window, and
     * pending while no clock is known. No acceptance is dated before {@code since}, the first reading.
     */
    public static Verdict byClocks(ValidityWindow window, List<KnownReplica> replicas, Instant since, Instant now) {
        List<KnownReplica> clocks =
                replicas.stream().filter(replica -> replica.clock() != null).toList();
        if (clocks.isEmpty()) {
            return new Verdict.Pending();
        }
        Verdict.NotYetValid last = lastToReach(window, clocks.stream(), now);
        Instant reached =
                last == null || last.acceptableBy() == null ? since : Instants.later(last.acceptableBy(), since);
        if (last != null && now.isBefore(reached)) {
            return last;
        }
        Instant until = window.until();
        for (KnownReplica each : clocks) {
            if (until != null && !now.isBefore(leavesAt(window, each))) {
                return new Verdict.Expired(each.address(), each.certificate(), until);
            }
        }
        return new Verdict.Accepted(reached, null);
    }

    /** Returns the refusal by the replica whose clock will be the last to reach the window; null without one. */
    public static Verdict.@Nullable NotYetValid lastToReach(
            ValidityWindow window, Stream<KnownReplica> replicas, Instant now) {
        Instant from = window.from();
        return from == null
                ? null
                : replicas.map(each ->
                                Verdict.NotYetValid.of(each.address(), each.certificate(), each.clock(), from, now))
                        .max(bySoonest())
                        .orElse(null);
    }

    /** Returns the earliest instant at which a clock may leave the window; {@link Instant#MAX} if it has no end. */
    public static Instant leavesAt(ValidityWindow window, List<KnownReplica> replicas) {
        return replicas.stream()
                .map(replica -> leavesAt(window, replica))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    private static Instant leavesAt(ValidityWindow window, KnownReplica replica) {
        return window.until() == null || replica.clock() == null
                ? Instant.MAX
                : replica.clock().earliest(window.until());
    }

    /** Returns when every replica whose clock is right refuses the token again; {@link Instant#MAX} if never. */
    public static Instant overAt(ValidityWindow window) {
        return window.until() == null ? Instant.MAX : window.until().plus(SUCCESS_CACHE_TTL);
    }

    private static Instant endToProbe(ValidityWindow window, Series series) {
        Instant over = overAt(window);
        return series.lastResult().isBefore(over) ? over : Instant.MAX;
    }
}
