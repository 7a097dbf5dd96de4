package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.guardian.ObservedReplica;
import io.tokenguardian.verdict.Finding;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NamedReplicaTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void aReplicaGoesByTheFirstDigitsOfItsCertificate() {
        assertThat(names(replica("0123456789abcdef", 0))).containsExactly("01234567");
    }

    @Test
    void thoseThatShareACertificateAreNumberedByTheirClocksWhoeverWasMetFirst() {
        ObservedReplica ahead = replica("0123456789abcdef", 30);
        ObservedReplica behind = replica("0123456789abcdef", -75);

        List<NamedReplica> named = NamedReplica.of(List.of(ahead, behind), NOON);

        assertThat(named).containsExactly(new NamedReplica("01234567", behind), new NamedReplica("01234567-2", ahead));
    }

    @Test
    void anAddressWithoutTlsHasNoDigits() {
        assertThat(names(replica(null, 0))).containsExactly("none");
    }

    private static List<String> names(ObservedReplica... replicas) {
        return NamedReplica.of(List.of(replicas), NOON).stream()
                .map(NamedReplica::name)
                .toList();
    }

    private static ObservedReplica replica(@Nullable String certificate, int offset) {
        ClockEstimate clock = ClockEstimate.of(new Sample(NOON, NOON, NOON.plusSeconds(offset)));
        return new ObservedReplica("10.96.0.1:443", certificate, clock, Finding.ACCEPTED, null, NOON);
    }
}
