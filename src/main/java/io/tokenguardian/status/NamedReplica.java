package io.tokenguardian.status;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.guardian.ObservedReplica;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A replica and its name among the replicas behind one address: the first digits of its certificate's SHA-256. The name
 * is the same for every guardian of the cluster, until the certificate is replaced. If several replicas share the
 * certificate too, a number follows, in the order of their clocks.
 */
public record NamedReplica(String name, ObservedReplica observedReplica) {
    private static final int DIGITS = 8;
    private static final String WITHOUT_TLS = "none";

    /** Names {@code replicas}; no two behind one address get the same name. */
    public static List<NamedReplica> of(List<ObservedReplica> replicas, Instant now) {
        List<ObservedReplica> ordered = new ArrayList<>(replicas);
        ordered.sort(Comparator.comparing(ObservedReplica::address)
                .thenComparing(replica -> digits(replica.certificate()))
                .thenComparing(replica -> offset(replica.clock(), now)));
        Map<String, Integer> taken = new HashMap<>();
        List<NamedReplica> named = new ArrayList<>();
        for (ObservedReplica replica : ordered) {
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
        return clock == null ? Duration.ZERO : clock.boundsAt(now).midpoint();
    }
}
