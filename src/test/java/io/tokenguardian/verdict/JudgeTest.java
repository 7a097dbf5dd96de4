package io.tokenguardian.verdict;

import static io.tokenguardian.verdict.ProbeResults.FAILED;
import static io.tokenguardian.verdict.ProbeResults.FROM;
import static io.tokenguardian.verdict.ProbeResults.NOW;
import static io.tokenguardian.verdict.ProbeResults.TERMS;
import static io.tokenguardian.verdict.ProbeResults.WINDOW;
import static io.tokenguardian.verdict.ProbeResults.accepted;
import static io.tokenguardian.verdict.ProbeResults.refused;
import static io.tokenguardian.verdict.ProbeResults.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ValidityWindow;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeTest {
    private static final ProbeResult UNEXPLAINED = refused(NOW, FROM.plusSeconds(600));
    private static final Verdict.Accepted ACCEPTANCE = Verdict.Accepted.of(accepted("a"));
    private static final Series ACCEPTED =
            Series.NONE.afterAcceptance(accepted("a"), true, true, () -> 0).complete(ACCEPTANCE);
    private static final Series REFUSED = Series.NONE.afterRefusal(TERMS, UNEXPLAINED, Finding.REFUSED, () -> 0);
    private static final Waiting SOON = waiting(null, 1, NOW, FROM.minusSeconds(50));
    private static final Waiting LATE = waiting(null, 2, NOW, FROM.minusSeconds(100));
    private static final Waiting UNDATED = waiting(null, 3, NOW, null);

    private static Verdict verdict(Series series, Waiting... waiting) {
        return Judge.verdict(WINDOW, series, List.of(waiting), NOW);
    }

    private static Instant next(Series series, Waiting... waiting) {
        return Judge.nextNewConnection(WINDOW, series, List.of(waiting), NOW);
    }

    private static Series failed(Series series) {
        return series.afterNoAnswer(FAILED, () -> 0);
    }

    @Test
    void theVerdictFollowsFromTheSeries() {
        assertThat(verdict(Series.NONE)).isEqualTo(new Verdict.Pending());
        assertThat(verdict(failed(Series.NONE))).isEqualTo(new Verdict.Unreachable("no answer"));
        assertThat(verdict(failed(ACCEPTED))).isEqualTo(ACCEPTANCE);
        assertThat(verdict(failed(REFUSED))).isEqualTo(new Verdict.Refused("10.96.0.1:443", "a"));
    }

    @Test
    void aWaitOutranksAnAcceptanceButNotARefusal() {
        assertThat(verdict(ACCEPTED, SOON)).isEqualTo(SOON.verdict(FROM, NOW));
        assertThat(verdict(REFUSED, SOON)).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void theVerdictWaitsForTheLastReplicaToAccept() {
        assertThat(verdict(Series.NONE, LATE, SOON)).isEqualTo(LATE.verdict(FROM, NOW));
        assertThat(verdict(Series.NONE, LATE, UNDATED)).isEqualTo(UNDATED.verdict(FROM, NOW));
        assertThat(Judge.firstToEnd(WINDOW, List.of(UNDATED, LATE, SOON), NOW)).isEqualTo(SOON.verdict(FROM, NOW));
        assertThat(Judge.firstToEnd(ValidityWindow.UNBOUNDED, List.of(UNDATED), NOW))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({"-1, not-yet-valid, 1", "0, pending, 0", "1, pending, 0"})
    void aLostReplicaCountsUntilItCertainlyAccepts(int nanos, String word, int refusers) {
        List<Waiting> lost = List.of(SOON.lost());
        Instant now = next(Series.NONE, SOON.lost(), LATE.lost()).plusNanos(nanos);

        assertThat(Judge.verdict(WINDOW, Series.NONE, lost, now).word()).isEqualTo(word);
        assertThat(Judge.refusers(WINDOW, Series.NONE, lost, now)).isEqualTo(refusers);
    }

    @Test
    void connectionsThatProbablyLeadToOneReplicaCountOnce() {
        Waiting same = waiting(null, 4, NOW, FROM.minusSeconds(50));

        assertThat(Judge.refusers(WINDOW, REFUSED, List.of(same, SOON, LATE), NOW))
                .isEqualTo(3);
        assertThat(Judge.isSurplus(same, List.of(LATE, SOON, same), NOW)).isTrue();
        assertThat(Judge.isSurplus(same, List.of(LATE, same), NOW)).isFalse();
    }

    @Test
    void aWaitNeedsNoNewConnectionUnlessItsConnectionIsLost() {
        assertThat(next(ACCEPTED, SOON)).isEqualTo(Instant.MAX);
        assertThat(next(ACCEPTED, SOON, LATE.lost())).isEqualTo(LATE.acceptsBy(WINDOW));
    }

    @Test
    void withoutAWaitANewConnectionIsDueAfterThePause() {
        assertThat(next(Series.NONE)).isEqualTo(Instant.MIN);
        assertThat(next(REFUSED, SOON)).isEqualTo(NOW.plusSeconds(1));
        assertThat(next(failed(ACCEPTED))).isEqualTo(NOW.plusMillis(250));
        assertThat(next(ACCEPTED.afterRefusal(TERMS, UNEXPLAINED, Finding.REFUSED, () -> 0)))
                .isEqualTo(NOW.plusMillis(20));
    }

    /** The cache keeps the token for ten seconds after the window. */
    @ParameterizedTest
    @CsvSource({"-11, ", "-10, ", "-9, 1", "0, 10", "3600, 3610", ", "})
    void anAcceptedTokenIsProbedAgainWhenItLeavesTheCache(Integer secondsLeft, Integer due) {
        ValidityWindow window = new ValidityWindow(FROM, secondsLeft == null ? null : NOW.plusSeconds(secondsLeft));

        assertThat(Judge.nextNewConnection(window, ACCEPTED, List.of(), NOW))
                .isEqualTo(due == null ? Instant.MAX : NOW.plusSeconds(due));
    }
}
