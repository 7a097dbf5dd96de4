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

class SkewSentenceTest {
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

    /** Two replicas. The second has this finding on the first one's token. */
    private static AcceptanceMatrix with(Finding finding, String explanation) {
        return measured(clocks(0, 0), finding, explanation);
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
        return new SkewSentence(matrix).sentence();
    }

    private static String advice(AcceptanceMatrix matrix) {
        return new SkewSentence(matrix).advice();
    }

    @Test
    void aSlowReplicaIsBlamed() {
        assertThat(sentence(clocks(0, -75, 0)))
                .isEqualTo("cp-2's clock is 75 s behind. Pods whose token cp-1 or cp-3 issues get 401 from cp-2 for"
                        + " their first 15 s.");
        assertThat(advice(clocks(0, -75, 0))).startsWith("Set the clock of cp-2 right (NTP). Until then, ");
    }

    @Test
    void aFastReplicaIsBlamed() {
        assertThat(sentence(clocks(75, 0, 0)))
                .isEqualTo("cp-1's clock is 75 s ahead. Pods whose token cp-1 issues get 401 from cp-2 and cp-3 for"
                        + " their first 15 s.");
    }

    @Test
    void theClockThatIsFurthestOffIsBeyondALimit() {
        SkewSentence skew = new SkewSentence(clocks(20, -40, 0));

        assertThat(skew.beyond(Duration.ofSeconds(30))).hasValue("cp-2's clock is 40 s behind");
        assertThat(skew.beyond(Duration.ofSeconds(41))).isEmpty();
    }

    @Test
    void twoClocksAreBeyondALimitTogether() {
        SkewSentence skew = new SkewSentence(clocks(0, 40));

        assertThat(skew.beyond(Duration.ofSeconds(30))).hasValue("cp-1's clock is 40 s behind that of cp-2");
        assertThat(skew.beyond(Duration.ofSeconds(41))).isEmpty();
    }

    @Test
    void ofTwoReplicasNobodyKnowsWhichIsRight() {
        assertThat(sentence(clocks(0, 75)))
                .startsWith("cp-1's clock is 75 s behind that of cp-2. Pods whose token cp-2");
        assertThat(advice(clocks(0, 75))).startsWith("Set the clocks of cp-1 and cp-2 right (NTP).");
    }

    @Test
    void atTheLeewayAllIsWell() {
        assertThat(sentence(clocks(0, 60)))
                .isEqualTo("All 2 replicas accept each other's tokens. Their clocks are at most 60 s apart.");
        assertThat(advice(clocks(0, 60))).endsWith("right (NTP). Beyond 60 s, replicas refuse tokens.");
    }

    @Test
    void theApiServersLeewayIsTheBound() {
        Duration leeway = Duration.ofSeconds(20);

        assertThat(sentence(clocks(leeway, 0, -21, 0))).endsWith("get 401 from cp-2 for their first 1 s.");
        assertThat(sentence(clocks(leeway, 0, -20, 0))).endsWith("Their clocks are at most 20 s apart.");
        assertThat(advice(clocks(leeway, 0, -20, 0)))
                .isEqualTo("Set the clock of cp-2 right (NTP). Beyond 20 s, replicas refuse tokens.");
        assertThat(advice(clocks(leeway, 0, -10, 0))).isEmpty();
    }

    @Test
    void ifNoClockIsFarFromTheMedianTheFirstAndTheLastAreOff() {
        assertThat(sentence(clocks(-20, 0, 20))).endsWith("Their clocks are at most 40 s apart.");
        assertThat(advice(clocks(-20, 0, 20)))
                .isEqualTo("Set the clocks of cp-1 and cp-3 right (NTP). Beyond 60 s, replicas refuse tokens.");
    }

    @Test
    void anUnknownClockIsNotSaidToBeClose() {
        assertThat(sentence(measured(clocks(0, UNKNOWN), Finding.ACCEPTED, "")))
                .isEqualTo("All 2 replicas accept each other's tokens. Not all of their clocks are known.");
        assertThat(advice(measured(clocks(0, UNKNOWN), Finding.ACCEPTED, ""))).isEmpty();
    }

    @Test
    void noClockIsToBeSetIfNoneIsKnownToBeOff() {
        String advice = "Until all clocks are right, let a pod wait for its token: token-guardian wait, exec, or its"
                + " proxy.";

        assertThat(advice(measured(clocks(UNKNOWN, UNKNOWN), Finding.NOT_YET_VALID, "")))
                .isEqualTo(advice);
        assertThat(advice(measured(clocks(0, UNKNOWN), Finding.NOT_YET_VALID, "")))
                .isEqualTo(advice);
        assertThat(advice(measured(clocks(0, 0, UNKNOWN), Finding.NOT_YET_VALID, "")))
                .isEqualTo(advice);
    }

    @Test
    void upToHalfTheLeewayThereIsNothingToDo() {
        assertThat(sentence(clocks(0, 0.4, 30))).endsWith("at most 30 s apart.");
        assertThat(advice(clocks(0, 0.4, 30))).isEmpty();
    }

    @Test
    void aReplicaFarAheadEndsTokensEarly() {
        assertThat(sentence(clocks(0, 0, 661)))
                .contains("Pods whose token cp-1 or cp-2 issues get 401 from cp-3 before their token expires");
        assertThat(clocks(0, 0, 660).rows().get(0).cells().get(2).finding()).isEqualTo(Finding.ACCEPTED);
    }

    @Test
    void whatIsNotKnownIsSaidToBe() {
        assertThat(sentence(with(Finding.UNREACHABLE, "it closed the connection")))
                .isEqualTo("Whether tokens of cp-1 are accepted by cp-2 is not known: it closed the connection.");
    }

    @Test
    void oneReplicaHasNoOtherToDifferFrom() {
        assertThat(sentence(clocks(100)))
                .isEqualTo("All connections reached the same API server replica, which accepts its own tokens.");
        assertThat(advice(clocks(100))).isEqualTo("If there are more replicas, allow more --connections.");
    }

    @Test
    void oneReplicaThatDoesNotAnswerIsNotSaidToRefuse() {
        assertThat(sentence(clocks(UNKNOWN)))
                .isEqualTo("All connections reached the same API server replica. Whether tokens of cp-1 are accepted by"
                        + " cp-1 is not known: the clock of cp-1 is unknown.");
        assertThat(advice(clocks(UNKNOWN)))
                .isEqualTo("Check again, with more --connections if only one connection reached that replica.");
    }

    /** The API server may extend tokens of the lifetime that kubelet requests by default. */
    @Test
    void theExpiryOfATokenThatMayBeExtendedIsNotPredicted() {
        List<NamedReplica> replicas = clocks(0, 3668).replicas();

        assertThat(AcceptanceMatrix.predict(replicas.get(0), replicas.get(1), Duration.ofSeconds(3607), LEEWAY, NOW))
                .isEqualTo(MatrixCell.unknown("the API server may extend their lifetime"));
    }

    @Test
    void whereTheWaitsDifferTheLongestIsSaid() {
        assertThat(sentence(clocks(0, -75, 20))).endsWith("from cp-2 for their first 35 s.");
    }

    @Test
    void longTimesAreSaidAsPeopleSayThem() {
        assertThat(sentence(clocks(0, -99_999, 0)))
                .startsWith("cp-2's clock is 27 h 46 min behind. Pods whose token cp-1 or cp-3 issues get 401 from cp-2"
                        + " for their first 27 h 45 min.");
        assertThat(sentence(clocks(0, -119, 0))).startsWith("cp-2's clock is 119 s behind. ");
        assertThat(sentence(clocks(0, -120, 0))).startsWith("cp-2's clock is 2 min behind. ");
    }

    @Test
    void oneReplicaHasNothingToBeComparedWith() {
        assertThat(new SkewSentence(clocks(40)).beyond(Duration.ZERO)).isEmpty();
    }
}
