package io.tokenguardian.metrics;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.guardian.ObservedReplica;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.NamedReplica;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * One row of the clock metrics. The certificate identifies a replica in the metrics of all guardians, unlike its name.
 *
 * @param certificate the first digits of the certificate's SHA-256, followed by a number if several clocks have that
 *     certificate; the address if no certificate was presented
 */
record ReplicaClock(String address, String certificate, String replica, OffsetInterval aheadOfNode) {
    /** Returns the rows at {@code now}, ordered by address. */
    static List<ReplicaClock> of(TokenStatus tokenStatus, Instant now, Duration nodeClockShift) {
        List<ReplicaClock> rows = new ArrayList<>();
        for (NamedReplica named : NamedReplica.of(tokenStatus.replicas(), now)) {
            ObservedReplica replica = named.observedReplica();
            OffsetInterval ahead = replica.aheadOfNode(now, nodeClockShift);
            if (ahead != null) {
                rows.add(new ReplicaClock(replica.address(), certificate(replica, ahead, rows), named.name(), ahead));
            }
        }
        return List.copyOf(rows);
    }

    /** Rows that may be about the same clock have the same value. */
    private static String certificate(ObservedReplica replica, OffsetInterval ahead, List<ReplicaClock> rows) {
        String sha256 = replica.certificate();
        if (sha256 == null) {
            return replica.address();
        }
        String digits = NamedReplica.digits(sha256);
        String certificate = digits;
        for (int number = 2; isOfAnotherClock(certificate, ahead, rows); number++) {
            certificate = digits + "#" + number;
        }
        return certificate;
    }

    private static boolean isOfAnotherClock(String certificate, OffsetInterval ahead, List<ReplicaClock> rows) {
        return rows.stream().anyMatch(row -> row.certificate.equals(certificate) && !row.aheadOfNode.overlaps(ahead));
    }
}
