package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixCell;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixRow;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.status.NamedReplica;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The cause that a matrix shows, as {@code check --kubeconfig} prints it. */
class ComparedReplicasTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static final Duration LEEWAY = Duration.ofSeconds(60);

    private static final double UNKNOWN = Double.NaN;

    /**
     * Returns a matrix predicted from clocks with these offsets in seconds. The replicas are named cp-1, cp-2 and so
     * on.
     */
    private static AcceptanceMatrix clocks(double... offsets) {
        return clocks(LEEWAY, offsets);
    }

    private static AcceptanceMatrix clocks(Duration leeway, double... offsets) {
        List<NamedReplica> replicas = new ArrayList<>();
        for (double offset : offsets) {
            // A sample's interval is a second wide.
            Instant date = NOW.plusMillis(Math.round(offset * 1000) - 500);
            ClockEstimate clock = Double.isNaN(offset) ? null : ClockEstimate.of(new Sample(NOW, NOW, date));
            replicas.add(PodDiagnosisTest.replica(replicas.size() + 1, clock));
        }
        List<MatrixRow> rows = replicas.stream()
                .map(issuer -> new MatrixRow(
                        issuer,
                        ApiReading.missing(),
                        replicas.stream()
                                .map(judge ->
                                        AcceptanceMatrix.predict(issuer, judge, AcceptanceMatrix.LIFETIME, leeway, NOW))
                                .toList()))
                .toList();
        return new AcceptanceMatrix(replicas, rows, leeway, NOW);
    }

    /** All replicas accept each other's tokens, except that the last has this finding on the first replica's token. */
    private static AcceptanceMatrix measured(AcceptanceMatrix clocks, Finding finding, String explanation) {
        int count = clocks.replicas().size();
        List<MatrixRow> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            List<MatrixCell> cells = new ArrayList<>(Collections.nCopies(count, MatrixCell.of(Finding.ACCEPTED)));
            if (row == 0) {
                cells.set(count - 1, new MatrixCell(finding, explanation));
            }
            rows.add(new MatrixRow(clocks.replicas().get(row), ApiReading.missing(), cells));
        }
        return new AcceptanceMatrix(clocks.replicas(), rows, LEEWAY, NOW);
    }

    private static String sentence(AcceptanceMatrix matrix) {
        return PodDiagnosis.of(matrix).sentence();
    }

    private static String advice(AcceptanceMatrix matrix) {
        return PodDiagnosis.of(matrix).advice();
    }

    @Test
    void aSlowReplicaIsBlamedForTheLongestWait() {
        assertThat(sentence(clocks(0, -75, 20)))
                .isEqualTo(
                        "cp-2's clock is 95 s behind that of cp-3. Pods whose token cp-3 issues get 401 from cp-2 for"
                                + " their first 35 s.");
        assertThat(advice(clocks(0, -75, 20)))
                .isEqualTo("Set the clock of cp-2 right (NTP). Until then, let a pod wait for its token:"
                        + " token-guardian wait, exec, or its proxy.");
    }

    @Test
    void aFastReplicaIsBlamed() {
        assertThat(advice(clocks(75, 0, 0))).startsWith("Set the clock of cp-1 right (NTP).");
    }

    @Test
    void ofTwoReplicasNobodyKnowsWhichIsRight() {
        assertThat(advice(clocks(0, 75))).startsWith("Set the clock of cp-1 and cp-2 right (NTP).");
    }

    @Test
    void theApiServersLeewayIsTheBound() {
        Duration leeway = Duration.ofSeconds(20);

        assertThat(sentence(clocks(leeway, 0, -20, 0))).endsWith("Their known clocks are at most 20.0 s apart.");
        assertThat(sentence(clocks(leeway, 0, -21, 0))).endsWith("get 401 from cp-2 for their first 1 s.");
    }

    /** Each clock is known to 0.5 s. */
    @Test
    void aClockIsToBeSetBeyondHalfTheLeeway() {
        assertThat(advice(clocks(0, 0.4, 31.4))).isEmpty();
        assertThat(advice(clocks(0, 0.4, 31.5)))
                .isEqualTo("Set the clock of cp-3 right (NTP). Beyond 60 s, replicas refuse tokens.");
    }

    @Test
    void noClockIsToBeSetIfNoneIsKnownToBeOff() {
        AcceptanceMatrix unknown = measured(clocks(0, UNKNOWN), Finding.NOT_YET_VALID, "");

        assertThat(sentence(unknown))
                .isEqualTo(
                        "cp-2's clock is out of step with that of cp-1. Pods whose token cp-1 issues get 401 from cp-2 for some time.");
        assertThat(advice(unknown)).startsWith("Set the clocks of the API servers right (NTP).");
        assertThat(advice(measured(clocks(0, UNKNOWN), Finding.ACCEPTED, ""))).isEmpty();
    }

    @Test
    void aReplicaFarAheadEndsTokensEarly() {
        assertThat(clocks(0, 0, 660).worst()).isEqualTo(Finding.NOT_YET_VALID);
        assertThat(sentence(clocks(0, 0, 661)))
                .isEqualTo("cp-3's clock is 11 min 1 s ahead of that of cp-1. Pods whose token cp-1 issues get 401 from"
                        + " cp-3 before their token expires; with a ten-minute token, at once.");
    }

    @Test
    void aRefusalForAnotherReasonNamesBothReplicas() {
        AcceptanceMatrix refused = measured(clocks(0, 0), Finding.REFUSED, "");

        assertThat(sentence(refused))
                .isEqualTo("Pods whose token cp-1 issues get 401 from cp-2, for a reason other than time.");
        assertThat(advice(refused)).startsWith("Look for the cause in the log of the replica that refuses");
    }

    @Test
    void whatIsNotKnownIsSaidToBe() {
        AcceptanceMatrix closed = measured(clocks(0, 0), Finding.UNREACHABLE, "it closed the connection");

        assertThat(sentence(closed))
                .isEqualTo("Whether tokens of cp-1 are accepted by cp-2 is not known: it closed the connection.");
        assertThat(advice(closed)).startsWith("Check again, with more --connections");
    }

    @Test
    void oneReplicaHasNoOtherToDifferFrom() {
        assertThat(sentence(clocks(100)))
                .isEqualTo("All connections reached the same API server replica, which accepts its own tokens.");
        assertThat(advice(clocks(100))).isEqualTo("If there are more replicas, allow more --connections.");
    }

    /** The API server may extend tokens of the lifetime that kubelet requests by default. */
    @Test
    void theExpiryOfATokenThatMayBeExtendedIsNotPredicted() {
        List<NamedReplica> replicas = clocks(0, 3668).replicas();

        assertThat(AcceptanceMatrix.predict(replicas.get(0), replicas.get(1), Duration.ofSeconds(3607), LEEWAY, NOW))
                .isEqualTo(MatrixCell.unknown("the API server may extend their lifetime"));
    }

    @Test
    void longTimesAreSaidAsPeopleSayThem() {
        assertThat(ComparedReplicas.wholeSeconds(Duration.ofSeconds(119))).isEqualTo("119 s");
        assertThat(ComparedReplicas.wholeSeconds(Duration.ofMinutes(2))).isEqualTo("2 min");
    }
}
