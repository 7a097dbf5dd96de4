package io.tokenguardian.laptop;

import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.token.PrintableText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A replica that was reached, and all connections to it. Two replicas have different certificates or inconsistent
 * clocks. {@code clock} is the narrowest estimate; null if no response had a {@code Date}.
 */
record ReachedReplica(
        String name,
        List<MeasuredConnection> connections,
        @Nullable ClockEstimate clock) {

    /** Groups the connections by replica, and names the replicas. The result is sorted by name. */
    static List<ReachedReplica> of(List<MeasuredConnection> connections, Instant now) {
        List<MeasuredConnection> sorted = connections.stream()
                .filter(MeasuredConnection::isReached)
                .sorted(Comparator.comparing(MeasuredConnection::certificate)
                        .thenComparing(connection -> midpoint(connection.clock(), now)))
                .toList();
        List<List<MeasuredConnection>> groups = new ArrayList<>();
        for (MeasuredConnection connection : sorted) {
            List<MeasuredConnection> last = groups.isEmpty() ? List.of() : groups.get(groups.size() - 1);
            if (!last.isEmpty() && last.stream().allMatch(each -> isSame(each, connection, now))) {
                last.add(connection);
            } else {
                groups.add(new ArrayList<>(List.of(connection)));
            }
        }
        return named(groups, now);
    }

    private static boolean isSame(MeasuredConnection one, MeasuredConnection other, Instant now) {
        return one.certificate().equals(other.certificate())
                && (one.clock() == null
                        || other.clock() == null
                        || one.clock().boundsAt(now).overlaps(other.clock().boundsAt(now)));
    }

    private static List<ReachedReplica> named(List<List<MeasuredConnection>> groups, Instant now) {
        Map<KnownReplica, List<MeasuredConnection>> observed = new LinkedHashMap<>();
        for (List<MeasuredConnection> group : groups) {
            ClockEstimate clock = group.stream()
                    .map(MeasuredConnection::clock)
                    .filter(Objects::nonNull)
                    .min(Comparator.comparing(each -> each.boundsAt(now).width()))
                    .orElse(null);
            MeasuredConnection first = group.get(0);
            // The finding is arbitrary, because no token has been sent yet; NamedReplica does not use it.
            observed.put(
                    new KnownReplica(
                            first.address(), first.certificate(), first.names(), clock, Finding.ACCEPTED, null, now),
                    List.copyOf(group));
        }
        return NamedReplica.of(List.copyOf(observed.keySet()), now).stream()
                .map(each -> new ReachedReplica(
                        PrintableText.of(each.name()),
                        observed.getOrDefault(each.observedReplica(), List.of()),
                        each.observedReplica().clock()))
                .sorted(Comparator.comparing(ReachedReplica::name))
                .toList();
    }

    private static Duration midpoint(@Nullable ClockEstimate clock, Instant now) {
        return clock == null ? Duration.ZERO : clock.boundsAt(now).midpoint();
    }

    /** How far the replica's clock is ahead of the local timeline; null while unknown. */
    @Nullable
    OffsetInterval offset(Instant now) {
        return clock == null ? null : clock.boundsAt(now);
    }

    /** @param withClientKey whether a client certificate is presented; without it, only the token is judged */
    List<HttpsProbeConnection> open(boolean withClientKey) {
        return connections.stream()
                .filter(each -> each.isWithClientKey() == withClientKey)
                .map(MeasuredConnection::connection)
                .filter(HttpsProbeConnection::isOpen)
                .toList();
    }
}
