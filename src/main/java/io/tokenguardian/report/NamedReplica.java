package io.tokenguardian.report;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.guardian.ReplicaSighting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A replica and the name it goes by where several share an address: the first digits of its certificate's SHA-256, the
 * same for every guardian of the cluster and stable until the certificate is replaced. Where several share the
 * certificate too, a number follows, in the order of their clocks.
 */
public record NamedReplica(String name, ReplicaSighting sighting) {
    private static final int DIGITS = 8;
    private static final String WITHOUT_TLS = "none";

    /** Names {@code replicas}, no two alike at one address. */
    public static List<NamedReplica> of(List<ReplicaSighting> replicas, Instant now) {
        List<ReplicaSighting> ordered = new ArrayList<>(replicas);
        ordered.sort(Comparator.comparing(ReplicaSighting::address)
                .thenComparing(replica -> digits(replica.certificate()))
                .thenComparing(replica -> offset(replica.clock(), now)));
        Map<String, Integer> taken = new HashMap<>();
        List<NamedReplica> named = new ArrayList<>();
        for (ReplicaSighting replica : ordered) {
            String name = digits(replica.certificate());
            int number = taken.merge(replica.address() + " " + name, 1, Integer::sum);
            named.add(new NamedReplica(number == 1 ? name : name + "-" + number, replica));
        }
        return List.copyOf(named);
    }

    private static String digits(@Nullable String certificate) {
        return certificate == null ? WITHOUT_TLS : certificate.substring(0, Math.min(DIGITS, certificate.length()));
    }

    private static Duration offset(@Nullable ClockEstimate clock, Instant now) {
        return clock == null ? Duration.ZERO : clock.at(now).midpoint();
    }
}
