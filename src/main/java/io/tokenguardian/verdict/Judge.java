package io.tokenguardian.verdict;

import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
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

    /** Returns when every replica whose clock is right refuses the token again; {@link Instant#MAX} if never. */
    public static Instant overAt(ValidityWindow window) {
        return window.until() == null ? Instant.MAX : window.until().plus(SUCCESS_CACHE_TTL);
    }

    private static Instant endToProbe(ValidityWindow window, Series series) {
        Instant over = overAt(window);
        return series.lastResult().isBefore(over) ? over : Instant.MAX;
    }
}
