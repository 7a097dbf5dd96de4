package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.guardian.ObservedReplica.MetBy;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import io.tokenguardian.verdict.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The replicas observed so far, by probes and by the proxy. A replica is known by its address and certificate. With the
 * same certificate, two clocks that can't be the same are either two replicas, or one whose clock was set. The newest
 * word counts: the other clock is no longer shown, unless it is met again. Then both are shown as long as both are met.
 *
 * <p>This is likely to be right, but not certain: no verdict on the main token relies on it. The clocks' verdicts on
 * audience tokens do, and they rely on all clocks, whether or not these are shown.
 */
final class ObservedReplicas {
    /** Far more than any control plane has. Each jump of a replica's clock adds one; this limits the memory. */
    static final int MAX_REPLICAS = 16;

    /**
     * A replica that has not been observed for this long is forgotten at the next response of any that has a
     * {@code Date}.
     */
    static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(30);

    /**
     * A clock that has come back after another clock contradicted it is shown beside that clock, until this long after
     * its own last result.
     */
    static final Duration BOTH_SHOWN = Duration.ofMinutes(1);

    /** The {@code Date} of a response that the proxy has got from a replica that accepts the token. */
    record HeardDate(String address, ServerCertificate certificate, Sample sample) {}

    /**
     * One clock.
     *
     * @param contradicted whether the last result with its address and certificate came from another clock
     * @param returned whether it was met again after it had been contradicted
     */
    private record Entry(ObservedReplica replica, boolean contradicted, boolean returned) {

        boolean isOf(String address, @Nullable String certificate) {
            return replica.address().equals(address) && Objects.equals(replica.certificate(), certificate);
        }

        boolean agreesWith(@Nullable Sample sample) {
            return sample == null || replica.clock() == null || replica.clock().agreesWith(sample);
        }

        Entry asContradicted() {
            return new Entry(replica, true, returned);
        }

        /** Whether the replica shows this clock again, after it has shown another clock for a while. */
        boolean isBack(Instant now) {
            return contradicted && !isRecent(now);
        }

        boolean isShown(Instant now) {
            return !contradicted || (returned && isRecent(now));
        }

        private boolean isRecent(Instant now) {
            return now.isBefore(replica.lastResultAt().plus(BOTH_SHOWN));
        }
    }

    /** The one with the last result is the last. */
    private final List<Entry> entries = new ArrayList<>();

    private final Map<Finding, LongAdder> resultCount = new EnumMap<>(Finding.class);

    ObservedReplicas() {
        EnumSet.allOf(Finding.class).forEach(finding -> resultCount.put(finding, new LongAdder()));
    }

    void record(JudgedResult judged) {
        ProbeResult result = judged.result();
        Objects.requireNonNull(resultCount.get(judged.finding())).increment();
        // The proxy may have heard a later date already. Then that stays the last that is known of the replica.
        ObservedReplica later = later(result.address(), result.certificate(), result.receivedAt());
        Sample sample = result.date() == null || later != null
                ? null
                : new Sample(result.sentAt(), result.receivedAt(), result.date());
        record(
                result.address(),
                result.certificate(),
                result.names(),
                sample,
                judged.finding(),
                user(result),
                later == null ? result.receivedAt() : later.lastResultAt(),
                later == null ? MetBy.PROBE : later.metBy());
    }

    /**
     * Records the clock of a replica that accepts a token. The finding stays that of its last probe: the proxy may have
     * sent an older token than the token in use. Of a replica that no probe has met, all that is known is that it
     * accepts a token of this pod.
     */
    void record(HeardDate heard) {
        Instant at = heard.sample().receivedAt();
        String certificate = heard.certificate().sha256();
        // Discovered replicas may share a certificate. Then the date is that of the replica whose clock agrees with it.
        ObservedReplica known = entries.stream()
                .filter(entry -> certificate.equals(entry.replica().certificate()))
                .max(Comparator.comparing(
                                (Entry entry) -> entry.replica().clock() != null && entry.agreesWith(heard.sample()))
                        .thenComparing(entry -> entry.replica().lastResultAt()))
                .map(Entry::replica)
                .orElse(null);
        if (known == null) {
            List<String> names = heard.certificate().names();
            record(heard.address(), certificate, names, heard.sample(), Finding.ACCEPTED, null, at, MetBy.PROXY);
        } else if (known.lastResultAt().isBefore(at)) {
            // A discovered replica keeps its own address, and the names in its certificate other than that address.
            record(
                    known.address(),
                    certificate,
                    known.names(),
                    heard.sample(),
                    known.finding(),
                    known.user(),
                    at,
                    MetBy.PROXY);
        }
    }

    /** The replica's last entry if it is of a later response than one of {@code at}; else null. */
    private @Nullable ObservedReplica later(String address, @Nullable String certificate, Instant at) {
        return entries.stream()
                .filter(entry -> entry.isOf(address, certificate))
                .map(Entry::replica)
                .filter(replica -> replica.lastResultAt().isAfter(at))
                .max(Comparator.comparing(ObservedReplica::lastResultAt))
                .orElse(null);
    }

    private void record(
            String address,
            @Nullable String certificate,
            List<String> names,
            @Nullable Sample sample,
            Finding finding,
            @Nullable String user,
            Instant at,
            MetBy metBy) {
        // Clocks less than a second apart may both agree with the sample. It is assigned to the clock met last, so that
        // they do not take turns.
        Entry known = entries.stream()
                .filter(entry -> entry.isOf(address, certificate) && entry.agreesWith(sample))
                .reduce((earlier, later) -> later)
                .orElse(null);
        entries.remove(known);
        entries.removeIf(entry -> entry.isOf(address, null)
                || (sample != null
                        && entry.replica().lastResultAt().plus(FORGOTTEN_AFTER).isBefore(at)));
        entries.replaceAll(entry -> entry.isOf(address, certificate) ? entry.asContradicted() : entry);
        if (entries.size() >= MAX_REPLICAS) {
            // the clocks that are no longer shown go first, or one that jumps would take the place of all others
            entries.remove(
                    entries.stream().filter(Entry::contradicted).findFirst().orElse(entries.get(0)));
        }
        ObservedReplica before = known == null ? null : known.replica();
        entries.add(new Entry(
                new ObservedReplica(
                        address,
                        certificate,
                        names,
                        clock(before, sample),
                        finding,
                        user == null && before != null ? before.user() : user,
                        at,
                        known == null || known.isBack(at) ? at : known.replica().since(),
                        metBy),
                false,
                known != null && (known.returned() || known.contradicted())));
    }

    /** How many results had this finding; from any thread. */
    long resultCount(Finding finding) {
        return Objects.requireNonNull(resultCount.get(finding)).sum();
    }

    /** How many certificates the replicas have shown lately. */
    int certificates() {
        return (int) entries.stream()
                .map(entry -> entry.replica().certificate())
                .filter(Objects::nonNull)
                .distinct()
                .count();
    }

    /**
     * How many replicas have been told apart lately, by their certificates or else by their clocks. A clock that was
     * set counts as another replica.
     */
    int toldApart() {
        return (int) entries.stream()
                .filter(entry -> entry.replica().certificate() != null)
                .count();
    }

    /** The replicas with their present clocks at {@code now}, ordered by address and then by certificate. */
    List<ObservedReplica> shown(Instant now) {
        return sorted(entry -> entry.isShown(now));
    }

    /**
     * The {@code replicas} whose address was discovered; all of them if none was. Before discovery, a replica was met
     * at the service's address. A replica that is no longer discovered is not met any more.
     */
    static List<ObservedReplica> listed(List<ObservedReplica> replicas, ApiServer apiServer) {
        Set<String> addresses = apiServer.discovered().stream()
                .map(replica -> replica.address().hostAndPort())
                .collect(Collectors.toSet());
        List<ObservedReplica> listed = replicas.stream()
                .filter(replica -> addresses.contains(replica.address()))
                .toList();
        return listed.isEmpty() ? replicas : listed;
    }

    /** Like {@link #shown}, but also with the contradicted clocks. */
    List<ObservedReplica> all() {
        return sorted(entry -> true);
    }

    private List<ObservedReplica> sorted(Predicate<Entry> wanted) {
        return entries.stream()
                .filter(wanted)
                .map(Entry::replica)
                .sorted(Comparator.comparing(ObservedReplica::address)
                        .thenComparing(replica -> Objects.toString(replica.certificate())))
                .toList();
    }

    private static @Nullable ClockEstimate clock(@Nullable ObservedReplica before, @Nullable Sample sample) {
        ClockEstimate known = before == null ? null : before.clock();
        if (sample == null) {
            return known;
        }
        return known == null ? ClockEstimate.of(sample) : known.with(sample);
    }

    private static @Nullable String user(ProbeResult result) {
        return result.outcome() instanceof ProbeOutcome.Authenticated authenticated ? authenticated.user() : null;
    }
}
