package io.tokenguardian.verdict;

import io.tokenguardian.clock.ClockEstimate;
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
    /** When an accepted token is probed again, because the account may have been deleted or a clock adjusted. */
    static final Duration RECHECK = Duration.ofMinutes(5);

    /** How long an API server caches acceptances, even past the window (docs/api-server.md, Authentication cache). */
    static final Duration SUCCESS_CACHE_TTL = Duration.ofSeconds(10);

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
        return series.accepted() != null && series.isSettled() ? recheck(window, series) : series.pausedUntil();
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
        Instant reached = since;
        Instant from = window.from();
        if (from != null) {
            KnownReplica last = clocks.stream()
                    .max(Comparator.comparing(replica -> clock(replica).latest(from)))
                    .orElseThrow();
            Instant latest = clock(last).latest(from);
            if (now.isBefore(latest)) {
                return Verdict.NotYetValid.of(last.address(), last.certificate(), last.clock(), from, now);
            }
            reached = Instants.later(latest, since);
        }
        Instant until = window.until();
        Optional<KnownReplica> expired = clocks.stream()
                .filter(replica -> !now.isBefore(leavesAt(window, replica)))
                .findFirst();
        return until != null && expired.isPresent()
                ? new Verdict.Expired(expired.get().address(), expired.get().certificate(), until)
                : new Verdict.Accepted(reached, null);
    }

    private static ClockEstimate clock(KnownReplica replica) {
        return Objects.requireNonNull(replica.clock());
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

    private static Instant recheck(ValidityWindow window, Series series) {
        Instant again = series.lastResult().plus(RECHECK);
        if (window.until() == null) {
            return again;
        }
        Instant over = window.until().plus(SUCCESS_CACHE_TTL);
        return series.lastResult().isBefore(over) ? Instants.earlier(again, over) : again;
    }
}
