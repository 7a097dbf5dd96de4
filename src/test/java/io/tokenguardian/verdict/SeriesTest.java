package io.tokenguardian.verdict;

import static io.tokenguardian.verdict.ProbeResults.FAILED;
import static io.tokenguardian.verdict.ProbeResults.FROM;
import static io.tokenguardian.verdict.ProbeResults.ISSUED;
import static io.tokenguardian.verdict.ProbeResults.NOW;
import static io.tokenguardian.verdict.ProbeResults.TERMS;
import static io.tokenguardian.verdict.ProbeResults.UNTIL;
import static io.tokenguardian.verdict.ProbeResults.accepted;
import static io.tokenguardian.verdict.ProbeResults.refused;
import static io.tokenguardian.verdict.ProbeResults.result;
import static io.tokenguardian.verdict.ProbeResults.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three acceptances in a row are needed. All results arrive at {@code NOW}, with some exceptions. */
class SeriesTest {
    private static final ProbeResult A = accepted("a");
    private static final ProbeResult B = accepted("b");
    private static final ProbeResult EARLY = refused(NOW, FROM.minusSeconds(1));
    private static final ProbeResult CROSSING = refused(NOW, FROM);
    private static final ProbeResult EXPIRED = refused(NOW, UNTIL);

    /** By the replica with the certificate of {@link #A}. */
    private static final ProbeResult UNEXPLAINED = refused(NOW, ISSUED.plusSeconds(10));

    private static final ProbeResult YOUNG = refused(NOW, ISSUED.plusSeconds(9));
    private static final Verdict.Accepted ACCEPTANCE = Verdict.Accepted.of(B);
    private static final Series ACCEPTED = after(B, B, B).complete(ACCEPTANCE);

    private static Series after(ProbeResult... results) {
        return after(Series.NONE, results);
    }

    private static Series after(Series before, ProbeResult... results) {
        Series series = before;
        for (ProbeResult each : results) {
            Instant at = each.receivedAt();
            series = switch (TERMS.read(each)) {
                case ACCEPTED ->
                    series.answered()
                            .afterAcceptance(
                                    each, true, series.isEnough(each, series.confirmed() + 1, 3, 0, 0), () -> 0);
                case NOT_YET_VALID -> series.afterNotYetValid(TERMS, each, waiting(null, 0, at, each.date()), () -> 0);
                case EXPIRED, REFUSED -> series.answered().afterRefusal(TERMS, each, TERMS.read(each), () -> 0);
                case UNREACHABLE -> series.afterNoAnswer(each, () -> 0);
            };
        }
        return series;
    }

    private static ProbeResult[] times(int count, ProbeResult result) {
        return Collections.nCopies(count, result).toArray(ProbeResult[]::new);
    }

    private static ProbeResult failed(long millis) {
        return result(FAILED.outcome(), null, NOW.plusMillis(millis), null);
    }

    private static Duration pause(Series series) {
        return Duration.between(NOW, series.pausedUntil());
    }

    @Test
    void acceptancesInARowAreCounted() {
        assertThat(after(A, B).confirmed()).isEqualTo(2);
        assertThat(pause(after(A, B))).isZero();
        assertThat(after(A, B, FAILED).confirmed()).isZero();
        assertThat(after(A, B, UNEXPLAINED).confirmed()).isZero();
        assertThat(after(A, B, EARLY).confirmed()).isZero();
        assertThat(after(A, B).afterAcceptance(B, false, false, () -> 0).confirmed())
                .isZero();
    }

    private static final int NEVER = 100;

    /** Returns how many acceptances in a row are enough. */
    private static int enough(Series series, ProbeResult last, int confirmations, int toRuleOutOthers) {
        return IntStream.range(0, NEVER)
                .filter(inARow -> series.isEnough(last, inARow, confirmations, toRuleOutOthers, toRuleOutOthers))
                .findFirst()
                .orElse(NEVER);
    }

    @Test
    void withoutTheRefuserThreeTimesAsManyAcceptancesAreNeeded() {
        ProbeResult unnamed = result(UNEXPLAINED.outcome(), null, NOW, UNEXPLAINED.date());

        assertThat(enough(after(UNEXPLAINED), A, 3, 1)).isEqualTo(3);
        assertThat(enough(after(UNEXPLAINED), A, 3, 2)).isEqualTo(NEVER);
        assertThat(enough(after(UNEXPLAINED), B, 3, 0)).isEqualTo(9);
        assertThat(enough(after(B, B, B, UNEXPLAINED), B, 1, 4)).isEqualTo(4);
        assertThat(enough(after(unnamed), B, 3, 0)).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"a, 2, true", "a, 3, false", "b, 8, true", "b, 9, false"})
    void enoughAcceptancesEndAnExpiry(String certificate, int count, boolean expired) {
        assertThat(after(after(EXPIRED), times(count, accepted(certificate))).refused() != null)
                .isEqualTo(expired);
        assertThat(after(EXPIRED, A, B, B).refused()).isNull();
    }

    @Test
    void anAcceptanceByTheRefuserOrMuchMoreByOthersEndARefusal() {
        assertThat(after(UNEXPLAINED, A).refused()).isNull();
        assertThat(after(after(UNEXPLAINED), times(8, B)).refused()).isNotNull();
        assertThat(after(after(UNEXPLAINED), times(9, B)).refused()).isNull();
    }

    @Test
    void theFirstAcceptanceDuringARefusalKeepsItsPause() {
        Series refused = after(UNEXPLAINED, UNEXPLAINED);

        assertThat(pause(refused)).hasSeconds(2);
        assertThat(pause(after(refused, B))).hasSeconds(2);
        assertThat(pause(after(refused, B, B))).isZero();
        assertThat(pause(refused.afterAcceptance(
                        result(B.outcome(), "b", NOW.plusSeconds(2), null), false, false, () -> 0)))
                .hasSeconds(4);
    }

    @Test
    void anUnexplainedRefusalOfAnAcceptedTokenIsProbedOnceMore() {
        Series once = after(ACCEPTED, UNEXPLAINED);

        assertThat(once)
                .extracting(Series::accepted, Series::refused, Series::isSettled)
                .containsExactly(ACCEPTANCE, null, false);
        assertThat(pause(once)).hasMillis(20);
        assertThat(after(once, UNEXPLAINED).accepted()).isNull();
        assertThat(after(once, FAILED, UNEXPLAINED).accepted()).isNull();
        assertThat(after(once, A, UNEXPLAINED).accepted()).isEqualTo(ACCEPTANCE);
        assertThat(after(ACCEPTED, EXPIRED).accepted()).isNull();
        assertThat(after(ACCEPTED, EARLY).accepted()).isNull();
    }

    @Test
    void aRefusalOfAYoungTokenIsProbedOnceMore() {
        assertThat(after(YOUNG).refused()).isNull();
        assertThat(after(YOUNG, YOUNG).refused()).isEqualTo(new Verdict.Refused("10.96.0.1:443", "a"));
        assertThat(after(UNEXPLAINED).refused()).isInstanceOf(Verdict.Refused.class);
        assertThat(after(UNEXPLAINED, EARLY).refused()).isNull();
        assertThat(after(EXPIRED).refused()).isEqualTo(new Verdict.Expired("10.96.0.1:443", "a", UNTIL));
    }

    @Test
    void onlyARefusalWhoseEndIsKnownHasNoPause() {
        Waiting reached = waiting(null, 0, NOW.minusSeconds(60), FROM.minusSeconds(50)); // then its clock was set back

        assertThat(pause(after(CROSSING, CROSSING))).hasMillis(40);
        assertThat(pause(after(CROSSING, EARLY))).isZero();
        assertThat(pause(after(CROSSING, EARLY, CROSSING))).hasMillis(20);
        assertThat(pause(Series.NONE.afterNotYetValid(TERMS, EARLY, reached, () -> 0)))
                .hasMillis(20);
        assertThat(pause(Series.NONE.afterNotYetValid(TERMS, EARLY, waiting(null, 0, NOW, null), () -> 0)))
                .hasMillis(250);
    }

    @Test
    void aFailureKeepsTheVerdictAndIsForgottenAfterAResponse() {
        assertThat(after(ACCEPTED, FAILED))
                .extracting(Series::accepted, Series::confirmed, Series::isSettled)
                .containsExactly(ACCEPTANCE, 3, false);
        assertThat(after(UNEXPLAINED, FAILED).refused()).isNotNull();
        assertThat(after(FAILED).unreachable()).isEqualTo("no answer");
        assertThat(after(FAILED, A).unreachable()).isNull();
        assertThat(after(FAILED, UNEXPLAINED).unreachable()).isNull();
        assertThat(after(FAILED, EARLY).unreachable()).isNull();
    }

    /** Each probe is sent two milliseconds before its result. */
    @ParameterizedTest
    @CsvSource({"1, 251", "2, 502", "3, 503"})
    void failuresOfConcurrentProbesCountAsOne(long millis, long pauseEnd) {
        assertThat(pause(after(FAILED, failed(millis)))).hasMillis(pauseEnd);
        assertThat(pause(after(UNEXPLAINED, failed(1)))).hasMillis(501);
    }

    @Test
    void thePausesAfterFailuresAreShorterBesideAcceptances() {
        Series often = after(failed(-50), failed(-40), failed(-30), failed(-20), failed(-10));

        assertThat(pause(after(often, A, FAILED))).hasSeconds(2);
        assertThat(pause(after(often.complete(ACCEPTANCE), FAILED))).hasMillis(250);
        assertThat(pause(after(ACCEPTED, FAILED, B, FAILED))).hasMillis(250);
    }

    @ParameterizedTest
    @CsvSource({"249, 250", "250, 250", "251, 251"})
    void aRetryAfterLongerThanThePauseIsRespected(long retryAfter, long pause) {
        ProbeOutcome busy = new ProbeOutcome.Unavailable("429", Duration.ofMillis(retryAfter));

        assertThat(pause(after(result(busy, null, NOW, null)))).hasMillis(pause);
        assertThat(pause(after(FAILED).afterLoss(result(busy, null, NOW, null), () -> 0)))
                .hasMillis(retryAfter);
    }

    @Test
    void aRetryAfterIsLengthenedAtRandom() {
        ProbeResult busy = result(new ProbeOutcome.Unavailable("429", Duration.ofSeconds(8)), null, NOW, null);

        assertThat(pause(Series.NONE.afterNoAnswer(busy, () -> 0.5))).hasSeconds(10);
        assertThat(pause(Series.NONE.afterLoss(busy, () -> 0.5))).hasSeconds(10);
    }

    @Test
    void aRetryAfterDelaysTheProbeAfterAnAcceptance() {
        ProbeOutcome busy = new ProbeOutcome.Authenticated(null, Duration.ofSeconds(7));

        assertThat(pause(after(result(busy, null, NOW, null)))).hasSeconds(7);
    }
}
