package io.tokenguardian.replica;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.replica.Answer.MetBy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The replicas and their clocks, for the status. A replica is identified by its address, certificate and clock. If two
 * clocks have the same certificate but can't be the same clock, only the clock observed last is shown, unless the other
 * is observed again. Then both are shown for as long as both are observed. This identification is not certain. From it,
 * the verdict takes the number of connections that rule out a further replica, and the doubt about an accepted token
 * whose window a clock has not reached. Not thread-safe: the guardian's thread writes, and others read the lists that
 * it returns.
 */
public final class ReplicaLedger {
    /** Far more than any control plane has replicas. It limits the memory: each jump of a clock adds a row. */
    static final int MAX_REPLICAS = 16;

    /** A replica not observed for this long is removed when any replica next responds with a {@code Date}. */
    static final Duration FORGOTTEN_AFTER = Duration.ofHours(1);

    /** With a certificate that may be that of several replicas, as many are assumed to be known at least. */
    static final int ASSUMED = 4;

    private static final int MOST_CONNECTIONS = 64;

    /** How long a clock that has returned after a contradiction is still shown when it is contradicted again. */
    static final Duration BOTH_SHOWN = Duration.ofMinutes(1);

    /** Ordered by the time of their last result, oldest first. */
    private final List<KnownReplica> rows = new ArrayList<>();

    /** When responses over the latest new connections arrived. */
    private final Queue<Instant> connections = new ArrayDeque<>();

    /**
     * Records a probe's result, or the {@code Date} of an acceptance that the proxy received. That {@code Date} leaves
     * the finding of the replica's last probe, because the proxy may have sent an older token.
     */
    public void record(Answer answer) {
        KnownReplica probed = answer.metBy() == MetBy.PROXY ? byCertificate(answer) : null;
        if (probed != null && !probed.lastResultAt().isBefore(answer.at())) {
            return;
        }
        // The address, names and user of the last probe remain: a response to the proxy names no user.
        Answer.Origin from = probed == null
                ? answer.from()
                : new Answer.Origin(probed.address(), probed.certificate(), probed.names(), probed.user());
        Finding finding = probed == null ? answer.finding() : probed.finding();
        KnownReplica later = last(row -> isOf(row, from) && row.lastResultAt().isAfter(answer.at()));
        if (later == null) {
            record(from, answer.clock(), finding, answer.at(), answer.metBy());
        } else {
            record(from, null, finding, later.lastResultAt(), later.metBy()); // the later date remains the latest
        }
    }

    /** Replicas may share a certificate. In that case, the date belongs to the replica whose clock agrees with it. */
    private @Nullable KnownReplica byCertificate(Answer answer) {
        return rows.stream()
                .filter(row -> Objects.equals(row.certificate(), answer.from().certificate()))
                .max(Comparator.comparing((KnownReplica row) -> row.clock() != null && agrees(row, answer.clock()))
                        .thenComparing(KnownReplica::lastResultAt))
                .orElse(null);
    }

    private void record(Answer.Origin from, @Nullable Sample clock, Finding finding, Instant at, MetBy metBy) {
        // Clocks less than a second apart may both agree with the sample. In that case, the sample is assigned to the
        // clock observed last, so that the two do not alternate.
        KnownReplica known = last(row -> isOf(row, from) && agrees(row, clock));
        boolean returns = known != null && isContradicted(known);
        Instant since = known == null || (returns && !isRecent(known, at)) ? at : known.since();
        rows.remove(known);
        rows.removeIf(row -> row.address().equals(from.address()) && row.certificate() == null);
        if (clock != null) {
            forget(at.minus(FORGOTTEN_AFTER));
        }
        if (rows.size() >= MAX_REPLICAS) {
            // contradicted clocks are removed first; otherwise a clock that jumps would displace all others
            rows.remove(rows.stream().filter(this::isContradicted).findFirst().orElse(rows.get(0)));
        }
        rows.add(new KnownReplica(
                from.address(),
                from.certificate(),
                from.names(),
                ClockEstimate.after(known == null ? null : known.clock(), clock),
                finding,
                from.user() == null && known != null ? known.user() : from.user(),
                at,
                since,
                metBy,
                returns || (known != null && known.returned())));
    }

    /**
     * Removes the replicas not observed since {@code start}, and the connections until their last results. These do not
     * rule out that a removed replica still exists.
     */
    private void forget(Instant start) {
        rows.stream()
                .map(KnownReplica::lastResultAt)
                .filter(last -> last.isBefore(start))
                .max(Comparator.naturalOrder())
                .ifPresent(last -> connections.removeIf(at -> !at.isAfter(last)));
        rows.removeIf(row -> row.lastResultAt().isBefore(start));
    }

    private static boolean isOf(KnownReplica row, Answer.Origin from) {
        return row.address().equals(from.address()) && Objects.equals(row.certificate(), from.certificate());
    }

    private static boolean agrees(KnownReplica row, @Nullable Sample sample) {
        return sample == null || row.clock() == null || row.clock().agreesWith(sample);
    }

    /** Whether the last result with its address and certificate came from another clock. */
    private boolean isContradicted(KnownReplica row) {
        return rows.subList(rows.indexOf(row) + 1, rows.size()).stream()
                .anyMatch(later -> later.address().equals(row.address())
                        && Objects.equals(later.certificate(), row.certificate()));
    }

    private static boolean isRecent(KnownReplica row, Instant now) {
        return now.isBefore(row.lastResultAt().plus(BOTH_SHOWN));
    }

    private @Nullable KnownReplica last(Predicate<KnownReplica> wanted) {
        return rows.stream().filter(wanted).reduce((earlier, later) -> later).orElse(null);
    }

    public Set<String> certificates() {
        return rows.stream()
                .map(KnownReplica::certificate)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    /**
     * Returns how many replicas are to be assumed behind the address: those told apart by certificate, then by clock. A
     * clock that was set counts as another replica. If the only certificate does not name one machine, several replicas
     * may present it, and at least {@link #ASSUMED} are assumed.
     */
    public int assumed() {
        List<KnownReplica> toldApart =
                rows.stream().filter(row -> row.certificate() != null).toList();
        boolean mayBeShared = certificates().size() == 1 && toldApart.stream().noneMatch(KnownReplica::namesOneMachine);
        return mayBeShared ? Math.max(ASSUMED, toldApart.size()) : toldApart.size();
    }

    /** Counts a response over a new connection. */
    public void countConnection(Instant at) {
        connections.add(at);
        if (connections.size() > MOST_CONNECTIONS) {
            connections.remove();
        }
    }

    /** Returns on how many new connections a response arrived since {@code start}, up to a limit. */
    public int connectionsSince(Instant start) {
        return (int) connections.stream().filter(at -> !at.isBefore(start)).count();
    }

    public List<KnownReplica> shown(Instant now) {
        return sorted(row -> !isContradicted(row) || (row.returned() && isRecent(row, now)));
    }

    public List<KnownReplica> all() {
        return sorted(row -> true);
    }

    private List<KnownReplica> sorted(Predicate<KnownReplica> wanted) {
        return rows.stream()
                .filter(wanted)
                .sorted(Comparator.comparing(KnownReplica::address)
                        .thenComparing(replica -> Objects.toString(replica.certificate())))
                .toList();
    }
}
