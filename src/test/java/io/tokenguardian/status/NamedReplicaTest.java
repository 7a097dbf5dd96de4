package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How replicas are named. Their certificates have the names that {@code CertificateNamesTest} expects. */
class NamedReplicaTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String ADDRESS = TokenStatuses.ADDRESS;

    /** The names of each certificate; from several replicas, each name is one that the other certificates lack. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "kubeadm | cp-1 10.0.0.11; cp-2 10.0.0.12; cp-3 10.0.0.13 | cp-1 cp-2 cp-3",
                "kubeadm, one replica | cp-1 10.0.0.11 | cp-1",
                "a name that may be shared | cp-1 lb.example.com 10.0.0.11 | 10.0.0.11",
                "an address that may be shared | cp-1 lb.example.com 10.0.0.11 10.0.0.100 | aaaaaaaa",
                "addresses | lb.example.com 10.0.0.11; lb.example.com 2001:db8::2 | 10.0.0.11 2001:db8::2",
                // quoted in aws/containers-roadmap#283
                "EKS, one replica | ip-172-16-37-253.compute.internal 0123.gr7.eks.amazonaws.com | aaaaaaaa",
                "EKS | ip-172-16-37-253.compute.internal 0123.gr7.eks.amazonaws.com; ip-172-16-9-1.compute.internal"
                        + " 0123.gr7.eks.amazonaws.com | ip-172-16-37-253.compute.internal ip-172-16-9-1.compute.internal",
                // kubespray lists every node in each certificate
                "kubespray, one replica | node1 node2 10.0.0.11 10.0.0.12 | aaaaaaaa",
                "kubespray | node1 node2 10.0.0.11; node1 node2 10.0.0.11 | aaaaaaaa bbbbbbbb",
                // k3s adds names to the certificate that its servers share (k3s-io/k3s#7312)
                "k3s | node1 node2; node1 node2 foo.example.com | aaaaaaaa bbbbbbbb",
                "a renewed certificate | cp-1 10.0.0.11; cp-2 10.0.0.12; cp-2 10.0.0.12 | cp-1 cp-2#bbbbbbbb cp-2#cccccccc"
            })
    void aReplicaIsNamedByItsCertificate(String cluster, String certificates, String expected) {
        List<KnownReplica> replicas = new ArrayList<>();
        for (String names : certificates.split("; ", -1)) {
            String hash = "abc".substring(replicas.size()).substring(0, 1).repeat(10);
            replicas.add(0, replica(hash, 0, names.split(" ", -1)));
        }

        assertThat(names(replicas.toArray(KnownReplica[]::new))).containsExactly(expected.split(" ", -1));
    }

    @Test
    void replicasWithOneCertificateAreNumberedByClockInAnyOrder() {
        KnownReplica ahead = replica("0123456789abcdef", 30);
        KnownReplica behind = replica("0123456789abcdef", -75);

        List<NamedReplica> named = NamedReplica.of(List.of(ahead, behind), NOON);

        assertThat(named).containsExactly(new NamedReplica("01234567", behind), new NamedReplica("01234567#2", ahead));
    }

    @Test
    void aReplicaWithoutACertificateIsNamedByItsAddress() {
        assertThat(names(replica(null, 0))).containsExactly(ADDRESS);
    }

    @Test
    void theClockDistinguishesReplicasWithTheSameCertificate() {
        TokenStatus tokenStatus = status(replica("aaaaaaaa11", 0, "cp-1"), replica("aaaaaaaa11", -75, "cp-1"));

        assertThat(called(tokenStatus, "aaaaaaaa11", -75)).isEqualTo("cp-1");
        assertThat(called(tokenStatus, "aaaaaaaa11", 1)).isEqualTo("cp-1#2");
    }

    @Test
    void withoutItsCertificateAReplicaIsNotFound() {
        assertThat(called(status(replica("aaaaaaaa11", 0, "cp-1")), "ffffffff", 0))
                .isEqualTo("unknown");
        assertThat(called(status(replica(null, 0)), null, 0)).isEqualTo("unknown");
    }

    private static String called(TokenStatus tokenStatus, @Nullable String certificate, int offset) {
        Duration seconds = Duration.ofSeconds(offset);
        return NamedReplica.find(tokenStatus, certificate, new OffsetInterval(seconds, seconds))
                .map(NamedReplica::name)
                .orElse("unknown");
    }

    private static TokenStatus status(KnownReplica... replicas) {
        return TokenStatuses.with(TokenStatuses.of(NOON, new Verdict.Pending()), replicas);
    }

    private static List<String> names(KnownReplica... replicas) {
        return NamedReplica.of(List.of(replicas), NOON).stream()
                .map(NamedReplica::name)
                .toList();
    }

    private static KnownReplica replica(@Nullable String certificate, int offset, String... names) {
        ClockEstimate clock = ClockEstimate.of(new Sample(NOON, NOON, NOON.plusSeconds(offset)));
        return new KnownReplica(ADDRESS, certificate, List.of(names), clock, Finding.ACCEPTED, null, NOON);
    }
}
