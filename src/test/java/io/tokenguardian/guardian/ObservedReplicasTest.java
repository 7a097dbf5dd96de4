package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.guardian.ObservedReplica.MetBy;
import io.tokenguardian.guardian.ObservedReplicas.HeardDate;
import io.tokenguardian.replica.Finding;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObservedReplicasTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final ProbeOutcome ACCEPTED = new ProbeOutcome.Authenticated("system:serviceaccount:shop:cart");
    private static final ProbeOutcome NO_ANSWER = new ProbeOutcome.Unreachable("connection refused");

    private final ObservedReplicas observedReplicas = new ObservedReplicas();

    private void record(ProbeOutcome outcome, @Nullable String certificate, Instant at, @Nullable Instant date) {
        Finding finding = outcome instanceof ProbeOutcome.Authenticated ? Finding.ACCEPTED : Finding.UNREACHABLE;
        observedReplicas.record(
                new ProbeResult("10.96.0.1:443", outcome, certificate, List.of(), at, at, date), finding);
    }

    @Test
    void aReplicaHasTheNamesOfItsCertificate() {
        observedReplicas.record(
                new ProbeResult("10.96.0.1:443", ACCEPTED, "a", List.of("cp-1"), NOON, NOON, null), Finding.ACCEPTED);

        assertThat(observedReplicas.all())
                .singleElement()
                .extracting(ObservedReplica::names)
                .isEqualTo(List.of("cp-1"));
    }

    @Test
    void responsesWithTheSameCertificateAndClockAreOneReplica() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "a", NOON.plusSeconds(10), NOON.plusSeconds(10));

        assertThat(observedReplicas.all())
                .singleElement()
                .extracting(ObservedReplica::lastResultAt)
                .isEqualTo(NOON.plusSeconds(10));
    }

    @Test
    void anotherCertificateIsAnotherReplica() {
        record(ACCEPTED, "b", NOON, NOON);

        record(ACCEPTED, "a", NOON, NOON);

        assertThat(observedReplicas.all())
                .extracting(ObservedReplica::certificate)
                .containsExactly("a", "b");
    }

    @Test
    void anAddressWithoutACertificateIsNotCountedAsACertificate() {
        record(NO_ANSWER, null, NOON, null);
        assertThat(observedReplicas.certificates()).isZero();

        record(ACCEPTED, "a", NOON, NOON);
        observedReplicas.record(
                new ProbeResult("10.96.0.2:443", NO_ANSWER, null, List.of(), NOON, NOON, null), Finding.UNREACHABLE);

        assertThat(observedReplicas.certificates()).isEqualTo(1);
    }

    @Test
    void aClockThatContradictsThePreviousClockReplacesIt() {
        recordOffset(0, -400);

        recordOffset(1, 0);

        assertThat(offsets(1)).containsExactly(0L);
    }

    @Test
    void aContradictedClockIsKeptForCautiousJudgements() {
        recordOffset(0, -400);

        recordOffset(1, 0);

        assertThat(observedReplicas.all()).hasSize(2);
    }

    @Test
    void aHundredStepsOfOneClockLeaveOneReplica() {
        for (int i = 0; i < 100; i++) {
            recordOffset(i, -7 * i);
        }

        assertThat(offsets(99)).hasSize(1);
    }

    @Test
    void aClockThatIsSetBackToWhatItWasIsOneReplica() {
        recordOffset(0, 0);
        recordOffset(1, -400);

        recordOffset(2, 0);

        assertThat(offsets(2)).containsExactly(0L);
    }

    @Test
    void aClockThatIsSetByAFractionOfASecondStaysOneReplica() {
        for (int i = 0; i < 120; i++) {
            Instant at = NOON.plusMillis(1_037L * i);
            Instant onItsClock = at.plusMillis(i < 60 ? 0 : 200);
            record(ACCEPTED, "a", at, onItsClock.truncatedTo(ChronoUnit.SECONDS));

            assertThat(observedReplicas.shown(at)).as("after %d results", i + 1).hasSize(1);
        }
    }

    @Test
    void twoClocksObservedAlternatelyAreTwoReplicas() {
        recordTwoInTurn();

        assertThat(offsets(3)).containsExactlyInAnyOrder(0L, -75L);
    }

    @ParameterizedTest
    @CsvSource({"59, 2", "60, 1", "61, 1"})
    void aClockIsNotShownAMinuteAfterItsLastResult(int seconds, int shown) {
        recordTwoInTurn();

        recordOffset(2 + seconds, -75);

        assertThat(offsets(2 + seconds)).hasSize(shown);
    }

    @Test
    void theProxysResponseUpdatesTheClockOfAKnownReplica() {
        recordOffset(0, 0);

        recordDate("10.96.0.1:443", "a", 1, -75);

        assertThat(offsets(1)).containsExactly(-75L);
    }

    @Test
    void aReplicaObservedOnlyByTheProxyIsShownAsAccepting() {
        recordDate("10.96.0.1:443", "b", 0, 0);

        assertThat(observedReplicas.shown(NOON)).singleElement().satisfies(replica -> {
            assertThat(replica.address()).isEqualTo("10.96.0.1:443");
            assertThat(replica.finding()).isEqualTo(Finding.ACCEPTED);
        });
    }

    @ParameterizedTest
    @CsvSource({"ACCEPTED, 0", "NOT_YET_VALID, 0", "NOT_YET_VALID, -75", "EXPIRED, 400", "UNREACHABLE, -75"})
    void theProxysResponseLeavesTheFindingOfTheLastProbe(Finding finding, int offset) {
        observedReplicas.record(new ProbeResult("10.96.0.1:443", ACCEPTED, "a", List.of(), NOON, NOON, NOON), finding);

        recordDate("10.96.0.1:443", "a", 1, offset);

        assertThat(offsets(1)).containsExactly((long) offset);
        assertThat(observedReplicas.shown(NOON.plusSeconds(1))).singleElement().satisfies(replica -> {
            assertThat(replica.finding()).isEqualTo(finding);
            assertThat(replica.user()).isEqualTo("system:serviceaccount:shop:cart");
        });
    }

    @Test
    void aReplicaKeepsItsOwnAddressWhenTheProxyObservesIt() {
        recordOffset(0, 0);

        recordDate("kubernetes.default.svc:443", "a", 1, 0);

        assertThat(observedReplicas.shown(NOON.plusSeconds(1)))
                .extracting(ObservedReplica::address)
                .containsExactly("10.96.0.1:443");
    }

    @Test
    void aReplicaKeepsItsProbedNamesWhenTheProxyObservesIt() {
        observedReplicas.record(
                new ProbeResult("10.96.0.1:443", ACCEPTED, "a", List.of("cp-1"), NOON, NOON, null), Finding.ACCEPTED);

        observedReplicas.record(new HeardDate(
                "kubernetes.default.svc:443",
                new ServerCertificate("a", List.of("10.96.0.1", "cp-1")),
                new Sample(NOON.plusSeconds(1), NOON.plusSeconds(1), NOON)));

        assertThat(observedReplicas.all())
                .singleElement()
                .extracting(ObservedReplica::names)
                .isEqualTo(List.of("cp-1"));
    }

    @Test
    void anOldProbeResultDoesNotReplaceALaterDate() {
        record(ACCEPTED, "a", NOON, NOON);
        recordDate("10.96.0.1:443", "a", 20, 0);

        // The later date contradicts the clock of this result.
        record(NO_ANSWER, "a", NOON.plusSeconds(10), NOON.plusSeconds(70));

        assertThat(observedReplicas.all())
                .singleElement()
                .extracting(ObservedReplica::finding, ObservedReplica::lastResultAt, ObservedReplica::metBy)
                .containsExactly(Finding.UNREACHABLE, NOON.plusSeconds(20), MetBy.PROXY);
        assertThat(offsets(20)).containsExactly(0L);
    }

    @Test
    void theClockIdentifiesTheReplicaIfACertificateIsShared() {
        recordAt("192.0.2.1:6443", 0, 0);
        recordAt("192.0.2.2:6443", 1, -75);

        recordDate("kubernetes.default.svc:443", "a", 2, 0);

        assertThat(observedReplicas.all())
                .extracting(ObservedReplica::address, ObservedReplica::lastResultAt)
                .containsExactlyInAnyOrder(
                        tuple("192.0.2.1:6443", NOON.plusSeconds(2)), tuple("192.0.2.2:6443", NOON.plusSeconds(1)));
    }

    private void recordAt(String address, int secondsAfterNoon, int offset) {
        Instant at = NOON.plusSeconds(secondsAfterNoon);
        observedReplicas.record(
                new ProbeResult(address, ACCEPTED, "a", List.of(), at, at, at.plusSeconds(offset)), Finding.ACCEPTED);
    }

    @Test
    void aResponseThatIsOlderThanTheLastProbeIsIgnored() {
        recordOffset(1, 0);

        recordDate("10.96.0.1:443", "a", 0, -400);

        assertThat(offsets(1)).containsExactly(0L);
    }

    @Test
    void aReplicaObservedAtItsListedAddressIsShownOnlyThere() {
        ObservedReplica atTheService = TokenStatuses.replica(Finding.ACCEPTED, NOON, Duration.ZERO);
        ObservedReplica direct = new ObservedReplica(
                "192.0.2.1:6443", "a", List.of(), atTheService.clock(), Finding.ACCEPTED, null, NOON);

        assertThat(ObservedReplicas.listed(List.of(atTheService, direct), listing("192.0.2.1")))
                .containsExactly(direct);
        assertThat(ObservedReplicas.listed(List.of(atTheService), listing("192.0.2.1")))
                .containsExactly(atTheService);
        assertThat(ObservedReplicas.listed(List.of(atTheService, direct), listing()))
                .containsExactly(atTheService, direct);
    }

    private static ApiServer listing(String... hosts) {
        return new ApiServer() {
            @Override
            public ProbeConnection open() {
                throw new UnsupportedOperationException();
            }

            @Override
            public List<ApiServerAddress> discovered() {
                return Stream.of(hosts)
                        .map(host -> new ApiServerAddress(host, 6443, host))
                        .toList();
            }
        };
    }

    @Test
    void aClocksStateBeginsWithItsFirstObservation() {
        recordOffset(1, 0);
        recordOffset(20, 0);
        assertThat(since(20)).containsExactly(NOON.plusSeconds(1));

        recordOffset(21, -75);
        recordOffset(30, -75);
        assertThat(since(30)).containsExactly(NOON.plusSeconds(21));
    }

    @Test
    void aClockThatReturnsAfterAMinuteBeginsANewState() {
        recordOffset(0, 0);
        recordOffset(1, -75);

        recordOffset(60, 0);

        assertThat(since(60)).containsExactly(NOON.plusSeconds(60));
    }

    @Test
    void eachOfTwoClocksKeepsTheTimeOfItsFirstObservation() {
        recordTwoInTurn();

        assertThat(since(3)).containsExactlyInAnyOrder(NOON, NOON.plusSeconds(1));
    }

    @Test
    void theLatestResponseDeterminesWhoObservedAReplica() {
        recordOffset(0, 0);
        assertThat(metBy(0)).containsExactly(MetBy.PROBE);

        recordDate("10.96.0.1:443", "a", 1, 0);
        assertThat(metBy(1)).containsExactly(MetBy.PROXY);
    }

    private List<Instant> since(int secondsAfterNoon) {
        return observedReplicas.shown(NOON.plusSeconds(secondsAfterNoon)).stream()
                .map(ObservedReplica::since)
                .toList();
    }

    private List<MetBy> metBy(int secondsAfterNoon) {
        return observedReplicas.shown(NOON.plusSeconds(secondsAfterNoon)).stream()
                .map(ObservedReplica::metBy)
                .toList();
    }

    private void recordTwoInTurn() {
        recordOffset(0, 0);
        recordOffset(1, -75);
        recordOffset(2, 0);
        recordOffset(3, -75);
    }

    /** @param offset the clock offset of the replica with certificate a, in seconds */
    private void recordOffset(int secondsAfterNoon, int offset) {
        Instant at = NOON.plusSeconds(secondsAfterNoon);
        record(ACCEPTED, "a", at, at.plusSeconds(offset));
    }

    private void recordDate(String address, String certificate, int secondsAfterNoon, int offset) {
        Instant at = NOON.plusSeconds(secondsAfterNoon);
        observedReplicas.record(new HeardDate(
                address, new ServerCertificate(certificate, List.of()), new Sample(at, at, at.plusSeconds(offset))));
    }

    /** Returns the displayed clock offsets, in whole seconds. */
    private List<Long> offsets(int secondsAfterNoon) {
        Instant now = NOON.plusSeconds(secondsAfterNoon);
        return observedReplicas.shown(now).stream()
                .map(replica -> Objects.requireNonNull(replica.clock())
                        .boundsAt(now)
                        .midpoint()
                        .plusMillis(1)
                        .toSeconds())
                .toList();
    }

    @Test
    void aReplicaIsRememberedForHalfAnHour() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "b", NOON.plus(ObservedReplicas.FORGOTTEN_AFTER), NOON);

        assertThat(observedReplicas.all()).hasSize(2);
    }

    @Test
    void aReplicaNotObservedForLongerThanHalfAnHourIsForgotten() {
        record(ACCEPTED, "a", NOON, NOON);

        record(ACCEPTED, "b", NOON.plus(ObservedReplicas.FORGOTTEN_AFTER).plusNanos(1), NOON);

        assertThat(observedReplicas.all())
                .extracting(ObservedReplica::certificate)
                .containsExactly("b");
    }

    /** No response shows that the replicas are gone, and audience tokens are judged by their clocks. */
    @Test
    void noReplicaIsForgottenWhileNoReplicaResponds() {
        record(ACCEPTED, "a", NOON, NOON);

        record(NO_ANSWER, null, NOON.plus(ObservedReplicas.FORGOTTEN_AFTER).plusNanos(1), null);

        assertThat(observedReplicas.all())
                .extracting(ObservedReplica::certificate)
                .contains("a");
    }

    @Test
    void aJumpingClockTakesAtMostTheLimitOfRows() {
        for (int i = 0; i <= ObservedReplicas.MAX_REPLICAS; i++) {
            record(ACCEPTED, "a", NOON.plusSeconds(i), NOON.plusSeconds(1_000L * i));
        }

        assertThat(observedReplicas.all())
                .hasSize(ObservedReplicas.MAX_REPLICAS)
                .extracting(ObservedReplica::lastResultAt)
                .doesNotContain(NOON)
                .contains(NOON.plusSeconds(1));
    }

    @Test
    void aJumpingClockDoesNotReplaceAnotherReplica() {
        record(ACCEPTED, "b", NOON, NOON);

        for (int i = 1; i <= 2 * ObservedReplicas.MAX_REPLICAS; i++) {
            record(ACCEPTED, "a", NOON.plusSeconds(i), NOON.plusSeconds(1_000L * i));
        }

        assertThat(observedReplicas.shown(NOON.plusSeconds(2 * ObservedReplicas.MAX_REPLICAS)))
                .extracting(ObservedReplica::certificate)
                .containsExactly("a", "b");
    }

    @Test
    void anUnreachableAddressIsARowUntilItResponds() {
        record(NO_ANSWER, null, NOON, null);
        assertThat(observedReplicas.all()).extracting(ObservedReplica::finding).containsExactly(Finding.UNREACHABLE);

        record(ACCEPTED, "a", NOON.plusSeconds(1), NOON.plusSeconds(1));

        assertThat(observedReplicas.all()).extracting(ObservedReplica::finding).containsExactly(Finding.ACCEPTED);
    }

    @Test
    void theUserIsKeptWhenTheReplicaIsLaterUnavailable() {
        record(ACCEPTED, "a", NOON, NOON);

        record(new ProbeOutcome.Unavailable("503", Duration.ofSeconds(1)), "a", NOON.plusSeconds(1), null);

        assertThat(observedReplicas.all()).singleElement().satisfies(observedReplica -> {
            assertThat(observedReplica.user()).isEqualTo("system:serviceaccount:shop:cart");
            assertThat(observedReplica.clock()).isNotNull();
        });
    }
}
