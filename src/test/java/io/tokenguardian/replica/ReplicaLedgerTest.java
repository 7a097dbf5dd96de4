package io.tokenguardian.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.Sample;
import io.tokenguardian.replica.Answer.MetBy;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicaLedgerTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private final ReplicaLedger ledger = new ReplicaLedger();

    private void record(Finding finding, @Nullable String certificate, Instant at, @Nullable Instant date) {
        record("10.96.0.1:443", finding, certificate, at, date);
    }

    private void record(
            String address, Finding finding, @Nullable String certificate, Instant at, @Nullable Instant date) {
        Answer.Origin from =
                new Answer.Origin(address, certificate, List.of("cp-1"), "system:serviceaccount:shop:cart");
        ledger.record(Answers.probed(from, finding, at, date));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 4",
        "cp-1, 4",
        "'192.0.2.1,192.0.2.2', 4",
        "'192.0.2.1,2001:db8::1', 4",
        "192.0.2.1, 1",
        "'cp-1,192.0.2.1', 1",
        "2001:db8::1, 1"
    })
    void severalReplicasAreAssumedUnlessTheOnlyCertificateNamesOneMachine(String names, int assumed) {
        List<String> all = names.isEmpty() ? List.of() : List.of(names.split(","));

        ledger.record(Answers.probed(new Answer.Origin("10.96.0.1:443", "a", all, null), Finding.ACCEPTED, NOON, NOON));

        assertThat(ledger.assumed()).isEqualTo(assumed);
    }

    @ParameterizedTest
    @CsvSource({"-1, 2", "0, 2", "1, 1", "2, 0"})
    void connectionsCountFromAGivenTimeOn(int seconds, int count) {
        ledger.countConnection(NOON);
        ledger.countConnection(NOON.plusSeconds(1));

        assertThat(ledger.connectionsSince(NOON.plusSeconds(seconds))).isEqualTo(count);
    }

    @Test
    void anAddressWithoutACertificateIsNotCountedAsACertificate() {
        record(Finding.UNREACHABLE, null, NOON, null);
        assertThat(ledger.certificates()).isEmpty();

        record(Finding.ACCEPTED, "a", NOON, NOON);
        record("10.96.0.2:443", Finding.UNREACHABLE, null, NOON, null);

        assertThat(ledger.certificates()).hasSize(1);
    }

    @Test
    void aClockThatContradictsThePreviousClockReplacesIt() {
        recordOffset(0, -400);

        recordOffset(1, 0);

        assertThat(offsets(1)).containsExactly(0L);
        assertThat(ledger.all()).as("for cautious judgements").hasSize(2);
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
            record(Finding.ACCEPTED, "a", at, onItsClock.truncatedTo(ChronoUnit.SECONDS));

            assertThat(ledger.shown(at)).as("after %d results", i + 1).hasSize(1);
        }
    }

    @Test
    void twoClocksObservedAlternatelyAreTwoReplicas() {
        recordTwoInTurn();

        assertThat(offsets(3)).containsExactlyInAnyOrder(0L, -75L);
        assertThat(since(3)).containsExactlyInAnyOrder(NOON, NOON.plusSeconds(1));
    }

    @ParameterizedTest
    @CsvSource({"59, 2", "60, 1", "61, 1"})
    void aClockIsNotShownAMinuteAfterItsLastResult(int seconds, int shown) {
        recordTwoInTurn();

        recordOffset(2 + seconds, -75);

        assertThat(offsets(2 + seconds)).hasSize(shown);
    }

    @Test
    void aReplicaObservedOnlyByTheProxyIsShownAsAccepting() {
        recordDate("10.96.0.1:443", "b", 0, 0);

        assertThat(ledger.shown(NOON)).singleElement().satisfies(replica -> {
            assertThat(replica.address()).isEqualTo("10.96.0.1:443");
            assertThat(replica.finding()).isEqualTo(Finding.ACCEPTED);
        });
    }

    @ParameterizedTest
    @CsvSource({"ACCEPTED, 0", "NOT_YET_VALID, 0", "NOT_YET_VALID, -75", "EXPIRED, 400", "UNREACHABLE, -75"})
    void theProxysResponseLeavesTheFindingOfTheLastProbe(Finding finding, int offset) {
        record(Finding.ACCEPTED, "a", NOON, NOON);
        record(finding, "a", NOON, NOON);

        recordDate("10.96.0.1:443", "a", 1, offset);

        assertThat(offsets(1)).containsExactly((long) offset);
        assertThat(ledger.shown(NOON.plusSeconds(1))).singleElement().satisfies(replica -> {
            assertThat(replica.finding()).isEqualTo(finding);
            assertThat(replica.user()).isEqualTo("system:serviceaccount:shop:cart");
        });
    }

    @Test
    void aReplicaKeepsItsOwnAddressWhenTheProxyObservesIt() {
        recordOffset(0, 0);

        recordDate("kubernetes.default.svc:443", "a", 1, 0);

        assertThat(ledger.shown(NOON.plusSeconds(1)))
                .extracting(KnownReplica::address)
                .containsExactly("10.96.0.1:443");
    }

    @Test
    void aReplicaKeepsItsProbedNamesWhenTheProxyObservesIt() {
        record("10.96.0.1:443", Finding.ACCEPTED, "a", NOON, null);

        ledger.record(Answers.date(
                "kubernetes.default.svc:443",
                "a",
                new Sample(NOON.plusSeconds(1), NOON.plusSeconds(1), NOON),
                "10.96.0.1",
                "cp-1"));

        assertThat(ledger.all()).singleElement().extracting(KnownReplica::names).isEqualTo(List.of("cp-1"));
    }

    @Test
    void anOldProbeResultDoesNotReplaceALaterDate() {
        record(Finding.ACCEPTED, "a", NOON, NOON);
        recordDate("10.96.0.1:443", "a", 20, 0);

        // The later date contradicts the clock of this result.
        record(Finding.UNREACHABLE, "a", NOON.plusSeconds(10), NOON.plusSeconds(70));

        assertThat(ledger.all())
                .singleElement()
                .extracting(KnownReplica::finding, KnownReplica::lastResultAt, KnownReplica::metBy)
                .containsExactly(Finding.UNREACHABLE, NOON.plusSeconds(20), MetBy.PROXY);
        assertThat(offsets(20)).containsExactly(0L);
    }

    private void recordAt(String address, int secondsAfterNoon, int offset) {
        Instant at = NOON.plusSeconds(secondsAfterNoon);
        record(address, Finding.ACCEPTED, "a", at, at.plusSeconds(offset));
    }

    @Test
    void aResponseThatIsOlderThanTheLastProbeIsIgnored() {
        recordOffset(1, 0);

        recordDate("10.96.0.1:443", "a", 0, -400);

        assertThat(offsets(1)).containsExactly(0L);
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

    private List<Instant> since(int secondsAfterNoon) {
        return ledger.shown(NOON.plusSeconds(secondsAfterNoon)).stream()
                .map(KnownReplica::since)
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
        record(Finding.ACCEPTED, "a", at, at.plusSeconds(offset));
    }

    private void recordDate(String address, String certificate, int secondsAfterNoon, int offset) {
        Instant at = NOON.plusSeconds(secondsAfterNoon);
        ledger.record(Answers.date(address, certificate, new Sample(at, at, at.plusSeconds(offset))));
    }

    /** Returns the displayed clock offsets, in whole seconds. */
    private List<Long> offsets(int secondsAfterNoon) {
        Instant now = NOON.plusSeconds(secondsAfterNoon);
        return ledger.shown(now).stream()
                .map(replica -> Objects.requireNonNull(replica.clock())
                        .boundsAt(now)
                        .midpoint()
                        .plusMillis(1)
                        .toSeconds())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"-1, 2", "0, 2", "1, 1"})
    void aReplicaIsForgottenAfterMoreThanHalfAnHour(int nanos, int known) {
        record(Finding.ACCEPTED, "a", NOON, NOON);
        record(Finding.ACCEPTED, "b", NOON.plus(ReplicaLedger.FORGOTTEN_AFTER).plusNanos(nanos), NOON);

        assertThat(ledger.all()).hasSize(known);
    }

    /** No response shows that the replicas are gone. */
    @Test
    void noReplicaIsForgottenWhileNoReplicaResponds() {
        record(Finding.ACCEPTED, "a", NOON, NOON);

        record(
                Finding.UNREACHABLE,
                null,
                NOON.plus(ReplicaLedger.FORGOTTEN_AFTER).plusNanos(1),
                null);

        assertThat(ledger.all()).extracting(KnownReplica::certificate).contains("a");
    }

    @Test
    void aJumpingClockTakesAtMostTheLimitOfRows() {
        for (int i = 0; i <= ReplicaLedger.MAX_REPLICAS; i++) {
            record(Finding.ACCEPTED, "a", NOON.plusSeconds(i), NOON.plusSeconds(1_000L * i));
        }

        assertThat(ledger.all())
                .hasSize(ReplicaLedger.MAX_REPLICAS)
                .extracting(KnownReplica::lastResultAt)
                .doesNotContain(NOON)
                .contains(NOON.plusSeconds(1));
    }

    @Test
    void aJumpingClockDoesNotReplaceAnotherReplica() {
        record(Finding.ACCEPTED, "b", NOON, NOON);

        for (int i = 1; i <= 2 * ReplicaLedger.MAX_REPLICAS; i++) {
            record(Finding.ACCEPTED, "a", NOON.plusSeconds(i), NOON.plusSeconds(1_000L * i));
        }

        assertThat(ledger.shown(NOON.plusSeconds(2 * ReplicaLedger.MAX_REPLICAS)))
                .extracting(KnownReplica::certificate)
                .containsExactly("a", "b");
    }

    @Test
    void anUnreachableAddressIsARowUntilItResponds() {
        record(Finding.UNREACHABLE, null, NOON, null);
        assertThat(ledger.all()).extracting(KnownReplica::finding).containsExactly(Finding.UNREACHABLE);

        record(Finding.ACCEPTED, "a", NOON.plusSeconds(1), NOON.plusSeconds(1));

        assertThat(ledger.all()).extracting(KnownReplica::finding).containsExactly(Finding.ACCEPTED);
    }

    @Test
    void theUserIsKeptWhenTheReplicaIsLaterUnavailable() {
        record(Finding.ACCEPTED, "a", NOON, NOON);

        record(Finding.UNREACHABLE, "a", NOON.plusSeconds(1), null);

        assertThat(ledger.all()).singleElement().satisfies(observedReplica -> {
            assertThat(observedReplica.user()).isEqualTo("system:serviceaccount:shop:cart");
            assertThat(observedReplica.clock()).isNotNull();
        });
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "1, 1"})
    void connectionsUntilTheLastResultOfARemovedReplicaDoNotCount(int nanos, int counted) {
        record(Finding.ACCEPTED, "a", NOON, NOON);
        List.of(NOON.minusNanos(1), NOON, NOON.plusNanos(1)).forEach(ledger::countConnection);

        record(Finding.ACCEPTED, "b", NOON.plus(ReplicaLedger.FORGOTTEN_AFTER).plusNanos(nanos), NOON);

        assertThat(ledger.connectionsSince(Instant.MIN)).isEqualTo(counted);
    }
}
