package io.tokenguardian.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.guardian.ReplicaSighting;
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
        ReplicaSighting ahead = replica("0123456789abcdef", 30);
        ReplicaSighting behind = replica("0123456789abcdef", -75);

        List<NamedReplica> named = NamedReplica.of(List.of(ahead, behind), NOON);

        assertThat(named).containsExactly(new NamedReplica("01234567", behind), new NamedReplica("01234567-2", ahead));
    }

    @Test
    void anAddressWithoutTlsHasNoDigits() {
        assertThat(names(replica(null, 0))).containsExactly("none");
    }

    private static List<String> names(ReplicaSighting... replicas) {
        return NamedReplica.of(List.of(replicas), NOON).stream()
                .map(NamedReplica::name)
                .toList();
    }

    private static ReplicaSighting replica(@Nullable String certificate, int offset) {
        ClockEstimate clock = ClockEstimate.of(new Sample(NOON, NOON, NOON.plusSeconds(offset)));
        return new ReplicaSighting("10.96.0.1:443", certificate, clock, Finding.ACCEPTED, null, NOON);
    }
}
