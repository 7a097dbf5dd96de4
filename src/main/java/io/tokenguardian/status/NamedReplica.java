package io.tokenguardian.status;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.status.RightTime.Clock;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A replica and its name among the known replicas (docs/decisions/status.md); its address if it showed no certificate.
 * Except for the number of a replica that shares a certificate, a name changes only when a certificate is added or
 * removed.
 */
public record NamedReplica(String name, KnownReplica observedReplica) {
    private static final int DIGITS = 8;

    /** No name in a certificate contains this, so a name with an addition never equals another replica's name. */
    private static final String ADDED = "#";

    /** Names {@code replicas}. No two get the same name. */
    public static List<NamedReplica> of(List<KnownReplica> replicas, Instant now) {
        Map<String, String> names = names(replicas);
        List<KnownReplica> ordered = new ArrayList<>(replicas);
        ordered.sort(Comparator.comparing((KnownReplica replica) -> nameOf(replica, names))
                .thenComparing(replica -> offset(replica.clock(), now)));
        Map<String, Integer> taken = new HashMap<>();
        List<NamedReplica> named = new ArrayList<>();
        for (KnownReplica replica : ordered) {
            String name = nameOf(replica, names);
            int number = taken.merge(name, 1, Integer::sum);
            named.add(new NamedReplica(number == 1 ? name : name + ADDED + number, replica));
        }
        return List.copyOf(named);
    }

    /**
     * Finds the replica with this certificate; empty if it is no longer known. {@code clock}, if known, selects the
     * nearest of several with the certificate.
     */
    static Optional<NamedReplica> find(
            TokenStatus tokenStatus, @Nullable String certificate, @Nullable OffsetInterval clock) {
        Instant now = tokenStatus.at();
        return of(tokenStatus.replicas(), now).stream()
                .filter(each -> each.observedReplica.certificate() != null
                        && each.observedReplica.certificate().equals(certificate))
                .min(Comparator.comparing((NamedReplica each) -> clock == null
                                ? Duration.ZERO
                                : offset(each.observedReplica.clock(), now)
                                        .minus(clock.midpoint())
                                        .abs())
                        .thenComparing(each -> each.observedReplica.lastResultAt(), Comparator.reverseOrder()));
    }

    /** Returns the name of the replica with this certificate, otherwise {@code address}. */
    static String nameOf(TokenStatus tokenStatus, String address, @Nullable String certificate) {
        return find(tokenStatus, certificate, null).map(NamedReplica::name).orElse(address);
    }

    /** Empty if unknown. */
    public Optional<Clock> clock(Instant at, Duration nodeClockShift) {
        return Optional.ofNullable(observedReplica.aheadOfNode(at, nodeClockShift))
                .map(ahead -> new Clock(name, ahead));
    }

    /** Joins names for use in a sentence: {@code a, b or c}. */
    public static String joined(List<String> names, String last) {
        int end = names.size() - 1;
        return end <= 0
                ? String.join("", names)
                : String.join(", ", names.subList(0, end)) + " " + last + " " + names.get(end);
    }

    /**
     * Returns the result of the last probe. A not-yet-valid refusal becomes pending once the replica's clock has
     * certainly reached {@code from}, because the replica has not been probed since.
     */
    public String verdict(@Nullable Instant from, Instant now) {
        ClockEstimate clock = observedReplica.clock();
        boolean healed = observedReplica.finding() == Finding.NOT_YET_VALID
                && clock != null
                && from != null
                && !now.isBefore(clock.latest(from));
        return healed ? new Verdict.Pending().word() : observedReplica.finding().word();
    }

    /** Returns whose request was answered last: {@code proxy} or {@code probe}. */
    String metBy() {
        return observedReplica.metBy() == Answer.MetBy.PROXY ? "proxy" : "probe";
    }

    private static String nameOf(KnownReplica replica, Map<String, String> names) {
        return replica.certificate() == null
                ? replica.address()
                : names.getOrDefault(replica.certificate(), replica.address());
    }

    private static Map<String, String> names(List<KnownReplica> replicas) {
        Map<String, Set<String>> candidates = new HashMap<>();
        for (KnownReplica replica : replicas) {
            if (replica.certificate() != null) {
                candidates
                        .computeIfAbsent(replica.certificate(), certificate -> new TreeSet<>())
                        .addAll(replica.names());
            }
        }
        Set<Set<String>> distinct = Set.copyOf(candidates.values());
        Map<String, String> names = new HashMap<>();
        candidates.forEach((certificate, own) -> names.put(
                certificate,
                (candidates.size() == 1 ? onlyOne(own) : unshared(own, distinct)).orElse(digits(certificate))));
        List<String> all = List.copyOf(names.values());
        names.replaceAll((certificate, name) ->
                Collections.frequency(all, name) == 1 ? name : name + ADDED + digits(certificate));
        return names;
    }

    /** Empty if a certificate has several names, because unobserved replicas probably share some of them. */
    private static Optional<String> onlyOne(Set<String> names) {
        List<String> hosts =
                names.stream().filter(name -> !KnownReplica.isIpAddress(name)).toList();
        List<String> addresses =
                names.stream().filter(KnownReplica::isIpAddress).toList();
        return Stream.of(hosts, addresses)
                .filter(list -> list.size() == 1)
                .map(list -> list.get(0))
                .findFirst();
    }

    private static Optional<String> unshared(Set<String> names, Set<Set<String>> distinct) {
        List<Set<String>> others =
                distinct.stream().filter(each -> !each.equals(names)).toList();
        // Unless another certificate has names, it is unknown which of these names are shared.
        boolean noNameIsItsOwn = others.stream().allMatch(Set::isEmpty)
                || others.stream().anyMatch(other -> !other.isEmpty() && names.containsAll(other));
        return noNameIsItsOwn
                ? Optional.empty()
                : names.stream()
                        .filter(name -> others.stream().noneMatch(other -> other.contains(name)))
                        .min(Comparator.comparing(KnownReplica::isIpAddress)
                                .thenComparing(String::length)
                                .thenComparing(Comparator.naturalOrder()));
    }

    /** Returns the first eight digits of a certificate's SHA-256. */
    public static String digits(String certificate) {
        return certificate.substring(0, Math.min(DIGITS, certificate.length()));
    }

    private static Duration offset(@Nullable ClockEstimate clock, Instant now) {
        return clock == null ? Duration.ZERO : clock.boundsAt(now).midpoint();
    }
}
