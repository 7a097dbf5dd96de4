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
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How replicas are named. Their certificates have the names that {@code CertificateNamesTest} expects. */
class NamedReplicaTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String ADDRESS = TokenStatuses.ADDRESS;

    private static final KnownReplica FIRST = replica("aaaaaaaa11", 0, "cp-1", "10.0.0.11");
    private static final KnownReplica SECOND = replica("bbbbbbbb22", 0, "cp-2", "10.0.0.12");
    private static final KnownReplica THIRD = replica("cccccccc33", 0, "cp-3", "10.0.0.13");

    @Test
    void replicasOfKubeadmAreNamedAfterTheirNodes() {
        assertThat(names(THIRD, SECOND, FIRST)).containsExactly("cp-1", "cp-2", "cp-3");
    }

    @Test
    void aNameStaysIfAnotherReplicaIsObservedOrForgotten() {
        assertThat(names(FIRST)).containsExactly("cp-1");
        assertThat(names(FIRST, SECOND)).containsExactly("cp-1", "cp-2");
        assertThat(names(SECOND, THIRD)).containsExactly("cp-2", "cp-3");
    }

    @Test
    void aSingleReplicaDoesNotUseNamesThatOthersMightShare() {
        KnownReplica first = replica("aaaaaaaa11", 0, "cp-1", "lb.example.com", "10.0.0.11");

        assertThat(names(first)).containsExactly("10.0.0.11");
        assertThat(names(replica("aaaaaaaa11", 0, "cp-1", "lb.example.com", "10.0.0.11", "10.0.0.100")))
                .containsExactly("aaaaaaaa");
    }

    @Test
    void aSharedNameIsNotUsedAfterASecondReplicaIsObserved() {
        KnownReplica first = replica("aaaaaaaa11", 0, "cp-1", "lb.example.com", "10.0.0.11");
        KnownReplica second = replica("bbbbbbbb22", 0, "cp-2", "lb.example.com", "10.0.0.12");

        assertThat(names(first, second)).containsExactly("cp-1", "cp-2");
    }

    /** The certificates are quoted in aws/containers-roadmap#283. */
    @Test
    void replicasOfEksAreNamedAfterTheirHosts() {
        String endpoint = "0123.gr7.us-west-2.eks.amazonaws.com";
        String host = "ip-172-16-37-253.us-west-2.compute.internal";
        KnownReplica first = replica("aaaaaaaa11", 0, host, endpoint);
        KnownReplica second = replica("bbbbbbbb22", 0, "ip-172-16-9-1.us-west-2.compute.internal", endpoint);

        assertThat(names(first)).containsExactly("aaaaaaaa");
        assertThat(names(first, second)).containsExactly(host, "ip-172-16-9-1.us-west-2.compute.internal");
    }

    /** kubespray lists every node in each certificate. */
    @Test
    void replicasThatListEachOtherAreNamedByHash() {
        KnownReplica first = replica("aaaaaaaa11", 0, "node1", "node2", "10.0.0.11", "10.0.0.12");
        KnownReplica second = replica("bbbbbbbb22", 0, "node1", "node2", "10.0.0.11", "10.0.0.12");

        assertThat(names(first)).containsExactly("aaaaaaaa");
        assertThat(names(first, second)).containsExactly("aaaaaaaa", "bbbbbbbb");
    }

    /** k3s adds names to the certificate that its servers share (k3s-io/k3s#7312). */
    @Test
    void aCertificateWithAddedNamesGivesNoName() {
        KnownReplica before = replica("aaaaaaaa11", 0, "node1", "node2");
        KnownReplica after = replica("bbbbbbbb22", 0, "node1", "node2", "foo.example.com");

        assertThat(names(before, after)).containsExactly("aaaaaaaa", "bbbbbbbb");
    }

    @Test
    void aRenewedCertificateGetsAHashSuffixWhileTheOldIsKnown() {
        KnownReplica renewed = replica("dddddddd44", 0, "cp-2", "10.0.0.12");

        assertThat(names(FIRST, SECOND, renewed)).containsExactly("cp-1", "cp-2#bbbbbbbb", "cp-2#dddddddd");
        assertThat(names(FIRST, renewed)).containsExactly("cp-1", "cp-2");
    }

    @Test
    void aReplicaWithoutANameTakesNoneFromTheOthers() {
        assertThat(names(FIRST, SECOND, replica("cccccccc33", 0))).containsExactly("cccccccc", "cp-1", "cp-2");
    }

    @Test
    void aReplicaWithoutAnOwnDnsNameIsNamedByItsAddress() {
        assertThat(names(
                        replica("aaaaaaaa11", 0, "lb.example.com", "10.0.0.11"),
                        replica("bbbbbbbb22", 0, "lb.example.com", "2001:db8::2")))
                .containsExactly("10.0.0.11", "2001:db8::2");
    }

    @Test
    void aCertificateHasTheSameNameAtEachAddress() {
        KnownReplica direct =
                new KnownReplica("10.0.0.11:6443", "aaaaaaaa11", List.of("cp-1"), null, Finding.ACCEPTED, null, NOON);

        assertThat(names(direct, FIRST)).containsExactly("cp-1", "cp-1");
    }

    @Test
    void replicasWithOneCertificateAreNumberedByClockInAnyOrder() {
        KnownReplica ahead = replica("0123456789abcdef", 30);
        KnownReplica behind = replica("0123456789abcdef", -75);

        List<NamedReplica> named = NamedReplica.of(List.of(ahead, behind), NOON);

        assertThat(named)
                .containsExactly(
                        new NamedReplica("01234567", "01234567", behind),
                        new NamedReplica("01234567#2", "01234567#2", ahead));
    }

    @Test
    void aNumberedNameIsUnique() {
        KnownReplica ahead = replica("aaaaaaaa11", 30, "cp");
        KnownReplica behind = replica("aaaaaaaa11", -75, "cp");

        assertThat(names(ahead, behind, SECOND)).doesNotHaveDuplicates().contains("cp", "cp-2");
    }

    @Test
    void aReplicaWithoutACertificateIsNamedByItsAddress() {
        assertThat(names(replica(null, 0))).containsExactly(ADDRESS);
    }

    @Test
    void aSentenceUsesTheReplicasName() {
        assertThat(called(status(FIRST, SECOND), "bbbbbbbb22", 0)).isEqualTo("cp-2");
    }

    @Test
    void theClockDistinguishesReplicasWithTheSameCertificate() {
        TokenStatus tokenStatus = status(replica("aaaaaaaa11", 0, "cp-1"), replica("aaaaaaaa11", -75, "cp-1"));

        assertThat(called(tokenStatus, "aaaaaaaa11", -75)).isEqualTo("cp-1");
        assertThat(called(tokenStatus, "aaaaaaaa11", 1)).isEqualTo("cp-1#2");
    }

    @Test
    void aSentenceAddsTheAddressIfTheNameIsAmbiguous() {
        KnownReplica direct =
                new KnownReplica("10.0.0.11:6443", "aaaaaaaa11", List.of("cp-1"), null, Finding.ACCEPTED, null, NOON);

        assertThat(called(status(FIRST, direct), "aaaaaaaa11", 0)).isEqualTo("cp-1 at " + ADDRESS);
        assertThat(called(status(FIRST), "ffffffff", 0)).isEqualTo("unknown");
        assertThat(called(status(replica(null, 0)), null, 0)).isEqualTo("unknown");
    }

    @Test
    void aDiscoveredReplicaIsFoundByItsCertificate() {
        KnownReplica direct =
                new KnownReplica("10.0.0.11:6443", "aaaaaaaa11", List.of("cp-1"), null, Finding.ACCEPTED, null, NOON);

        assertThat(called(status(direct), "aaaaaaaa11", 0)).isEqualTo("cp-1");
    }

    private static String called(TokenStatus tokenStatus, @Nullable String certificate, int offset) {
        Duration seconds = Duration.ofSeconds(offset);
        return NamedReplica.find(tokenStatus, ADDRESS, certificate, new OffsetInterval(seconds, seconds))
                .map(replica -> replica.distinctName())
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
