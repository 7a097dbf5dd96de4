package io.tokenguardian.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.replica.Answer.MetBy;
import java.time.Duration;
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

    /** What is observed: a second, and the offset of the clock. What is shown: an offset, and since when. */
    @ParameterizedTest
    @CsvSource({
        "0:-400 1:0, 0:1",
        "0:0 1:-400 2:0, 0:0",
        "0:0 1:-75 2:0 3:-75, 0:0 -75:1",
        "0:0 1:-75 2:0 3:-75 61:-75, 0:0 -75:1",
        "0:0 1:-75 2:0 3:-75 62:-75, -75:1",
        "1:0 20:0, 0:1",
        "1:0 20:0 21:-75 30:-75, -75:21",
        "0:0 1:-75 60:0, 0:60",
    })
    void twoClocksOfOneCertificateAreShownOnlyWhileBothAreObserved(String observed, String shown) {
        int last = 0;
        for (String each : observed.split(" ", -1)) {
            String[] parts = each.split(":", -1);
            last = Integer.parseInt(parts[0]);
            recordOffset(last, Integer.parseInt(parts[1]));
        }

        Instant now = NOON.plusSeconds(last);
        assertThat(ledger.shown(now))
                .extracting(row -> offset(row, now) + ":"
                        + Duration.between(NOON, row.since()).toSeconds())
                .containsExactlyInAnyOrder(shown.split(" ", -1));
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
    void aReplicaKeepsItsProbedAddressAndNamesWhenTheProxyObservesIt() {
        record(Finding.ACCEPTED, "a", NOON, null);

        Sample sample = new Sample(NOON.plusSeconds(1), NOON.plusSeconds(1), NOON);
        ledger.record(Answers.date("kubernetes.default.svc:443", "a", sample, "10.96.0.1", "cp-1"));

        assertThat(ledger.all())
                .extracting(KnownReplica::address, KnownReplica::names)
                .containsExactly(tuple("10.96.0.1:443", List.of("cp-1")));
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

    @Test
    void theClockIdentifiesTheReplicaIfACertificateIsShared() {
        record("192.0.2.1:6443", Finding.ACCEPTED, "a", NOON, NOON);
        record("192.0.2.2:6443", Finding.ACCEPTED, "a", NOON.plusSeconds(1), NOON.minusSeconds(74));

        recordDate("kubernetes.default.svc:443", "a", 2, 0);

        assertThat(ledger.all())
                .extracting(KnownReplica::address, KnownReplica::lastResultAt)
                .containsExactlyInAnyOrder(
                        tuple("192.0.2.1:6443", NOON.plusSeconds(2)), tuple("192.0.2.2:6443", NOON.plusSeconds(1)));
    }

    @Test
    void aResponseThatIsOlderThanTheLastProbeIsIgnored() {
        recordOffset(1, 0);

        recordDate("10.96.0.1:443", "a", 0, -400);

        assertThat(offsets(1)).containsExactly(0L);
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
        return ledger.shown(now).stream().map(row -> offset(row, now)).toList();
    }

    private static long offset(KnownReplica row, Instant now) {
        OffsetInterval offset = Objects.requireNonNull(row.clock()).boundsAt(now);
        return offset.midpoint().plusMillis(1).toSeconds();
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
