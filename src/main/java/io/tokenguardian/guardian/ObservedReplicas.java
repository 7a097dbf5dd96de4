package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.guardian.ObservedReplica.MetBy;
import io.tokenguardian.replica.Finding;
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
 * The replicas and their clocks for the status and for the verdicts on audience tokens. A replica is identified by its
 * address and certificate. If two clocks have the same certificate but can't be the same clock, only the clock observed
 * last is shown, unless the other is observed again. Then both are shown for as long as both are observed. This
 * identification is not certain, so no verdict on the main token relies on it. Verdicts on audience tokens use all
 * clocks, shown or not.
 */
final class ObservedReplicas {
    /** Far more than any control plane has replicas. It limits the memory: each jump of a clock adds an entry. */
    static final int MAX_REPLICAS = 16;

    /** A replica not observed for this long is removed when any replica next responds with a {@code Date}. */
    static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(30);

    /** How long a clock that has returned after a contradiction is still shown when it is contradicted again. */
    static final Duration BOTH_SHOWN = Duration.ofMinutes(1);

    /** The {@code Date} of a response that the proxy has received from a replica that accepts the token. */
    record HeardDate(String address, ServerCertificate certificate, Sample sample) {}

    /**
     * One observed clock. It is {@code contradicted} if the last result with its address and certificate came from
     * another clock, and {@code returned} if it was observed again after that.
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

        /** Whether a new result would switch back to this clock after another clock had been observed for a while. */
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

    /** Ordered by the time of their last result, oldest first. */
    private final List<Entry> entries = new ArrayList<>();

    private final Map<Finding, LongAdder> resultCount = new EnumMap<>(Finding.class);

    ObservedReplicas() {
        EnumSet.allOf(Finding.class).forEach(finding -> resultCount.put(finding, new LongAdder()));
    }

    void record(ProbeResult result, Finding finding) {
        Objects.requireNonNull(resultCount.get(finding)).increment();
        // The proxy may already have received a later date; if so, that date remains the replica's latest.
        ObservedReplica later = later(result.address(), result.certificate(), result.receivedAt());
        Sample sample = later == null ? Sample.of(result.sentAt(), result.receivedAt(), result.date()) : null;
        record(
                result.address(),
                result.certificate(),
                result.names(),
                sample,
                finding,
                user(result),
                later == null ? result.receivedAt() : later.lastResultAt(),
                later == null ? MetBy.PROBE : later.metBy());
    }

    /**
     * The finding remains that of the replica's last probe, because the proxy may have sent an older token. Without a
     * probe, it is {@code ACCEPTED}: the replica accepts some token of this pod.
     */
    void record(HeardDate heard) {
        Instant at = heard.sample().receivedAt();
        String certificate = heard.certificate().sha256();
        // Discovered replicas may share a certificate. In that case, the date is assigned to the replica whose clock
        // agrees with it.
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
        // Clocks less than a second apart may both agree with the sample. In that case, the sample is assigned to the
        // clock observed last, so that the two do not alternate.
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
            // contradicted clocks are removed first; otherwise a clock that jumps would displace all others
            entries.remove(
                    entries.stream().filter(Entry::contradicted).findFirst().orElse(entries.get(0)));
        }
        ObservedReplica before = known == null ? null : known.replica();
        entries.add(new Entry(
                new ObservedReplica(
                        address,
                        certificate,
                        names,
                        ClockEstimate.after(before == null ? null : before.clock(), sample),
                        finding,
                        user == null && before != null ? before.user() : user,
                        at,
                        known == null || known.isBack(at) ? at : known.replica().since(),
                        metBy),
                false,
                known != null && (known.returned() || known.contradicted())));
    }

    /** Returns how many results had this finding. May be called from any thread. */
    long resultCount(Finding finding) {
        return Objects.requireNonNull(resultCount.get(finding)).sum();
    }

    int certificates() {
        return (int) entries.stream()
                .map(entry -> entry.replica().certificate())
                .filter(Objects::nonNull)
                .distinct()
                .count();
    }

    /** Distinguishes replicas by certificate, then by clock. A clock that was set counts as another replica. */
    int toldApart() {
        return (int) entries.stream()
                .filter(entry -> entry.replica().certificate() != null)
                .count();
    }

    List<ObservedReplica> shown(Instant now) {
        return sorted(entry -> entry.isShown(now));
    }

    /** Leaves out replicas observed at the service's address before discovery, and replicas no longer discovered. */
    static List<ObservedReplica> listed(List<ObservedReplica> replicas, ApiServer apiServer) {
        Set<String> addresses = apiServer.discovered().stream()
                .map(ApiServerAddress::hostAndPort)
                .collect(Collectors.toSet());
        List<ObservedReplica> listed = replicas.stream()
                .filter(replica -> addresses.contains(replica.address()))
                .toList();
        return listed.isEmpty() ? replicas : listed;
    }

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

    private static @Nullable String user(ProbeResult result) {
        return result.outcome() instanceof ProbeOutcome.Authenticated authenticated ? authenticated.user() : null;
    }
}
