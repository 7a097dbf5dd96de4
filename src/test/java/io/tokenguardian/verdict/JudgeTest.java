package io.tokenguardian.verdict;

import static io.tokenguardian.verdict.ProbeResults.FROM;
import static io.tokenguardian.verdict.ProbeResults.ISSUED;
import static io.tokenguardian.verdict.ProbeResults.ROUND_TRIP;
import static io.tokenguardian.verdict.ProbeResults.TERMS;
import static io.tokenguardian.verdict.ProbeResults.UNTIL;
import static io.tokenguardian.verdict.ProbeResults.accepted;
import static io.tokenguardian.verdict.ProbeResults.answer;
import static io.tokenguardian.verdict.ProbeResults.fresh;
import static io.tokenguardian.verdict.ProbeResults.judged;
import static io.tokenguardian.verdict.ProbeResults.refusedOpenly;
import static io.tokenguardian.verdict.ProbeResults.unauthorized;
import static io.tokenguardian.verdict.ProbeResults.unavailable;
import static io.tokenguardian.verdict.ProbeResults.unreachable;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.replica.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each verdict, and each next probe. */
class JudgeTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:10.4Z");
    private static final ProbeOutcome AUTHENTICATED = new ProbeOutcome.Authenticated(null);
    private static final ProbeResult UNEXPLAINED = unauthorized(NOW, ISSUED.plusSeconds(600));
    private static final Evidence ACCEPTED = fresh(Evidence.NONE, accepted(NOW), accepted(NOW), accepted(NOW));

    private static Judgement judge(Evidence evidence) {
        return Judge.judge(TERMS, evidence, NOW);
    }

    @Test
    void withoutAResultTheVerdictIsPendingAndAProbeIsDue() {
        assertThat(judge(Evidence.NONE))
                .isEqualTo(new Judgement(new Verdict.Pending(), new NextProbe.NewConnection(NOW)));
    }

    @Test
    void tooFewConfirmationsArePending() {
        Evidence evidence = fresh(Evidence.NONE, accepted(NOW), accepted(NOW));

        assertThat(judge(evidence)).isEqualTo(new Judgement(new Verdict.Pending(), new NextProbe.NewConnection(NOW)));
    }

    @Test
    void enoughConfirmationsAreAnAcceptance() {
        assertThat(judge(ACCEPTED).verdict()).isEqualTo(new Verdict.Accepted(NOW, "system:serviceaccount:shop:cart"));
    }

    @Test
    void theAcceptanceTimeIsThatOfTheFirstAcceptance() {
        Evidence evidence = fresh(ACCEPTED, accepted(NOW.plusSeconds(300)));

        assertThat(judge(evidence).verdict()).isEqualTo(judge(ACCEPTED).verdict());
    }

    @Test
    void anAcceptedTokenIsProbedAgainAfterFiveMinutes() {
        assertThat(judge(ACCEPTED).next()).isEqualTo(new NextProbe.NewConnection(NOW.plus(Judge.RECHECK)));
    }

    @ParameterizedTest
    @CsvSource({"-1, 9", "0, 10", "289, 299", "290, 300", "291, 300"})
    void anAcceptedTokenIsProbedWhenItsCachedAcceptanceCanEnd(int secondsLeft, int lookIn) {
        TokenTerms terms = new TokenTerms(new ValidityWindow(FROM, NOW.plusSeconds(secondsLeft)), ISSUED, 1, 0);
        Evidence evidence = Evidence.NONE.afterNewConnection(terms, 0, judged(accepted(NOW)), false, () -> 0);

        assertThat(Judge.judge(terms, evidence, NOW).next())
                .isEqualTo(new NextProbe.NewConnection(NOW.plusSeconds(lookIn)));
    }

    @Test
    void anAcceptanceAfterTheWindowIsProbedAgainAfterFiveMinutes() {
        TokenTerms terms = new TokenTerms(new ValidityWindow(FROM, NOW.minusSeconds(10)), ISSUED, 1, 0);
        Evidence evidence = Evidence.NONE.afterNewConnection(terms, 0, judged(accepted(NOW)), false, () -> 0);

        assertThat(Judge.judge(terms, evidence, NOW).next())
                .isEqualTo(new NextProbe.NewConnection(NOW.plus(Judge.RECHECK)));
    }

    @Test
    void aFailedProbeKeepsARefusalThatTimeDoesNotEnd() {
        Instant later = FROM.plusSeconds(100);

        Evidence evidence = fresh(Evidence.NONE, unauthorized(later, later), unreachable(later.plusSeconds(5)));

        assertThat(Judge.judge(TERMS, evidence, later.plusSeconds(6)).verdict())
                .isEqualTo(new Verdict.Refused(ProbeResults.ADDRESS));
    }

    @Test
    void aFailedProbeIsUnreachableAndRepeatedAfterAPause() {
        Evidence evidence = fresh(Evidence.NONE, unreachable(NOW));

        assertThat(judge(evidence))
                .isEqualTo(new Judgement(
                        new Verdict.Unreachable("10.96.0.1:443: connection refused"),
                        new NextProbe.NewConnection(NOW.plusMillis(250))));
    }

    @Test
    void theLatestFailureAppliesAfterAnUnexplainedRefusal() {
        ProbeResult young = unauthorized(NOW, ISSUED.plusSeconds(5));
        Evidence evidence = fresh(Evidence.NONE, young, unreachable(NOW), unavailable(NOW, null));

        assertThat(judge(evidence).verdict()).isEqualTo(new Verdict.Unreachable("10.96.0.1:443 answered 429"));
    }

    @Test
    void aFailedProbeLeavesAnAcceptedTokenAccepted() {
        Evidence evidence = fresh(ACCEPTED, unreachable(NOW));

        assertThat(judge(evidence))
                .isEqualTo(new Judgement(judge(ACCEPTED).verdict(), new NextProbe.NewConnection(NOW.plusMillis(250))));
    }

    @Test
    void aFailedProbeInterruptsTheRowOfConfirmations() {
        Evidence evidence =
                fresh(Evidence.NONE, accepted(NOW), accepted(NOW), unreachable(NOW), accepted(NOW), accepted(NOW));

        assertThat(judge(evidence).verdict()).isInstanceOf(Verdict.Pending.class);
    }

    @ParameterizedTest
    @CsvSource({"0, 250", "249, 250", "250, 250", "251, 251", "30000, 30000"})
    void aRetryAfterLongerThanThePauseIsRespected(long retryAfterMillis, long pauseMillis) {
        Evidence evidence = fresh(Evidence.NONE, unavailable(NOW, Duration.ofMillis(retryAfterMillis)));

        assertThat(judge(evidence).next()).isEqualTo(new NextProbe.NewConnection(NOW.plusMillis(pauseMillis)));
    }

    @Test
    void anUnexplainedRefusalIsRefused() {
        Evidence evidence = fresh(Evidence.NONE, UNEXPLAINED);

        assertThat(judge(evidence))
                .isEqualTo(new Judgement(
                        new Verdict.Refused("10.96.0.1:443"), new NextProbe.NewConnection(NOW.plusSeconds(1))));
    }

    @Test
    void aRefusalInterruptsTheRowOfConfirmations() {
        Evidence evidence =
                fresh(Evidence.NONE, accepted(NOW), accepted(NOW), UNEXPLAINED, accepted(NOW), accepted(NOW));

        assertThat(judge(evidence).verdict()).isInstanceOf(Verdict.Pending.class);
    }

    @Test
    void anUnexplainedRefusalOfAnAcceptedTokenIsProbedAgain() {
        Evidence evidence = fresh(ACCEPTED, UNEXPLAINED);

        assertThat(judge(evidence))
                .isEqualTo(new Judgement(judge(ACCEPTED).verdict(), new NextProbe.NewConnection(NOW.plusMillis(20))));
    }

    @Test
    void aSecondUnexplainedRefusalInARowEndsAnAcceptance() {
        Evidence evidence = fresh(ACCEPTED, UNEXPLAINED, UNEXPLAINED);

        assertThat(judge(evidence).verdict()).isEqualTo(new Verdict.Refused("10.96.0.1:443"));
    }

    @Test
    void anAcceptanceBetweenUnexplainedRefusalsKeepsTheTokenAccepted() {
        Evidence evidence = fresh(ACCEPTED, UNEXPLAINED, accepted(NOW), UNEXPLAINED);

        assertThat(judge(evidence).verdict()).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void aFailedProbeDoesNotSeparateTwoUnexplainedRefusals() {
        Evidence evidence = fresh(ACCEPTED, UNEXPLAINED, unreachable(NOW), UNEXPLAINED);

        assertThat(judge(evidence).verdict()).isInstanceOf(Verdict.Refused.class);
    }

    @ParameterizedTest
    @CsvSource({"9, pending", "10, refused", "11, refused"})
    void aTokenYoungOnTheReplicasClockIsProbedAgain(int age, String word) {
        Evidence evidence = fresh(Evidence.NONE, unauthorized(NOW, ISSUED.plusSeconds(age)));

        assertThat(judge(evidence).verdict().word()).isEqualTo(word);
    }

    @Test
    void aYoungTokenIsProbedOnlyOnceMore() {
        ProbeResult young = unauthorized(NOW, ISSUED.plusSeconds(5));
        Evidence evidence = fresh(Evidence.NONE, young, young);

        assertThat(judge(evidence).verdict()).isInstanceOf(Verdict.Refused.class);
    }

    @ParameterizedTest
    @CsvSource({"-1, refused", "0, expired", "1, expired"})
    void aRefusalFromTheEndOfTheWindowOnwardIsExpired(int seconds, String word) {
        Evidence evidence = fresh(Evidence.NONE, unauthorized(NOW, UNTIL.plusSeconds(seconds)));

        assertThat(judge(evidence).verdict().word()).isEqualTo(word);
    }

    @Test
    void anAcceptedTokenIsExpiredWhenAReplicaRefusesItAsExpired() {
        Evidence evidence = fresh(ACCEPTED, unauthorized(NOW, UNTIL));

        assertThat(judge(evidence).verdict()).isEqualTo(new Verdict.Expired("10.96.0.1:443", null, UNTIL));
    }

    /**
     * One replica refuses an early token over an open connection, another treats it as expired, and the third accepts
     * it.
     */
    private static Evidence notYetAndExpired() {
        return fresh(refusedOpenly(NOW, FROM.minusSeconds(100)), unauthorized(NOW, UNTIL), accepted(NOW));
    }

    @Test
    void anAcceptanceByReplicasAheadAndBehindIsFollowedByAPause() {
        assertThat(judge(notYetAndExpired()))
                .isEqualTo(new Judgement(
                        new Verdict.Expired("10.96.0.1:443", null, UNTIL),
                        new NextProbe.NewConnection(NOW.plus(Pauses.REFUSED.pause(1, () -> 0)))));
    }

    @ParameterizedTest
    @CsvSource({"-1, NewConnection", "0, SameConnection", "1, SameConnection"})
    void aSlowReplicaDuringAnExpiryIsProbedAfterAThirdOfItsWait(int nanos, String next) {
        Evidence evidence = notYetAndExpired();
        RefusingReplica behind = evidence.refusingReplicas().replicas().get(0);
        Duration left = Duration.between(behind.lastResult(), Objects.requireNonNull(behind.acceptsBy(FROM)));
        Instant accepts = behind.lastResult().plus(left.dividedBy(3));

        assertThat(Judge.judge(TERMS, evidence, accepts.plusNanos(nanos))
                        .next()
                        .getClass()
                        .getSimpleName())
                .isEqualTo(next);
    }

    @ParameterizedTest
    @CsvSource({"2, expired", "3, accepted", "4, accepted"})
    void acceptancesEndAnExpiryAfterAReplicaHasCaughtUp(int acceptances, String word) {
        Evidence evidence = notYetAndExpired().afterSameConnection(TERMS, 0, judged(accepted(NOW)), true, () -> 0);

        for (int i = 0; i < acceptances; i++) {
            evidence = fresh(evidence, accepted(NOW));
        }

        assertThat(judge(evidence).verdict().word()).isEqualTo(word);
    }

    @Test
    void aReplicaBeforeTheWindowEndsAnAcceptance() {
        Evidence evidence = fresh(ACCEPTED, unauthorized(NOW, FROM.minusSeconds(100)));

        assertThat(judge(evidence).verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void confirmationsAreIgnoredWhileAReplicaRefuses() {
        Evidence evidence =
                fresh(refusedOpenly(NOW, FROM.minusSeconds(100)), accepted(NOW), accepted(NOW), accepted(NOW));

        assertThat(evidence.confirmed()).isZero();
        assertThat(judge(evidence).verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void anAcceptanceOverARefusedConnectionIsNotAConfirmation() {
        Evidence evidence = refusedOpenly(NOW, FROM.minusSeconds(1))
                .afterSameConnection(TERMS, 0, judged(accepted(NOW.plusSeconds(1))), true, () -> 0);

        assertThat(evidence.refusingReplicas().replicas()).isEmpty();
        assertThat(evidence.confirmed()).isZero();
    }

    @Test
    void theFirstProbeOfARefusingReplicaIsTimedForItsNextSecond() {
        Evidence evidence = refusedOpenly(NOW, FROM.minusSeconds(100));
        ClockEstimate clock = clock(evidence);

        NextProbe next = judge(evidence).next();

        Instant shown =
                next.at().plus(ROUND_TRIP.dividedBy(2)).plus(clock.boundsAt(NOW).midpoint());
        assertThat(shown).isEqualTo(shown.truncatedTo(ChronoUnit.SECONDS));
        assertThat(next).isEqualTo(new NextProbe.SameConnection(next.at(), 0));
        assertThat(next.at()).isBetween(NOW, NOW.plusSeconds(1));
    }

    /** The dates never narrow the estimate: each response comes from the middle of the remaining interval. */
    @Test
    void narrowingEndsAfterEightSamplesOfAWideEstimate() {
        Evidence evidence = refusedOpenly(NOW, FROM.minusSeconds(1_000));
        for (int second = 1; second < Judge.NARROWING_SAMPLES; second++) {
            Instant at = NOW.plusSeconds(second);
            assertThat(Judge.judge(TERMS, evidence, at).next().at()).isBeforeOrEqualTo(at);
            evidence = evidence.afterSameConnection(
                    TERMS, 0, judged(unauthorized(at, FROM.minusSeconds(1_000 - second))), true, () -> 0);
        }
        Instant lastAsked = NOW.plusSeconds(Judge.NARROWING_SAMPLES - 1);

        Instant next = Judge.judge(TERMS, evidence, lastAsked).next().at();

        assertThat(next).isBetween(lastAsked.plus(Judge.LONGEST_GAP), lastAsked.plus(Judge.LONGEST_GAP.plusSeconds(1)));
    }

    @Test
    void aReplicaThatMayHaveCrossedIsProbedEvery40Milliseconds() {
        Evidence evidence = refusedOpenly(NOW, FROM.minusSeconds(1));
        Instant mayHaveCrossed = clock(evidence).earliest(FROM);

        NextProbe next =
                Judge.judge(TERMS, evidence, later(NOW, mayHaveCrossed)).next();

        assertThat(next).isEqualTo(new NextProbe.SameConnection(NOW.plus(Judge.CROSSING_GAP), 0));
    }

    @Test
    void aReplicaAtItsAcceptanceTimeIsProbedBeforeAllOthers() {
        Evidence evidence = refusedOpenly(NOW, FROM.minusSeconds(1));
        Instant latest = clock(evidence).latest(FROM);

        Judgement judgement = Judge.judge(TERMS, evidence, latest);

        assertThat(judgement.next()).isEqualTo(new NextProbe.SameConnection(latest, 0));
        assertThat(judgement.verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void aDisconnectedReplicaIsProbedWhenItCertainlyAccepts() {
        Evidence evidence = fresh(Evidence.NONE, unauthorized(NOW, FROM.minusSeconds(100)));

        assertThat(judge(evidence).next()).isEqualTo(new NextProbe.NewConnection(latest(evidence)));
    }

    @ParameterizedTest
    @CsvSource({"-1, not-yet-valid", "0, pending", "1, pending"})
    void aDisconnectedReplicaIsAwaitedUntilItCertainlyAccepts(int nanos, String word) {
        Evidence evidence = fresh(Evidence.NONE, unauthorized(NOW, FROM.minusSeconds(100)));

        Judgement judgement = Judge.judge(TERMS, evidence, latest(evidence).plusNanos(nanos));

        assertThat(judgement.verdict().word()).isEqualTo(word);
    }

    @Test
    void aReplicaLostDuringTheWaitIsAwaitedByItsLastEstimate() {
        Evidence open = refusedOpenly(NOW, FROM.minusSeconds(100));

        Evidence lost = open.afterSameConnection(TERMS, 0, judged(unreachable(NOW.plusSeconds(1))), false, () -> 0);

        assertThat(lost.refusingReplicas().mayProbeAgain(0)).isFalse();
        assertThat(Judge.judge(TERMS, lost, NOW.plusSeconds(1)).next())
                .isEqualTo(new NextProbe.NewConnection(latest(open)));
    }

    @Test
    void theRefusingReplicaThatWillAcceptLastIsProbed() {
        Evidence evidence = refusedOpenly(NOW, FROM.minusSeconds(100))
                .afterNewConnection(TERMS, 1, judged(unauthorized(NOW, FROM.minusSeconds(200))), true, () -> 0)
                .afterNewConnection(TERMS, 2, judged(unauthorized(NOW, FROM.minusSeconds(150))), true, () -> 0);

        assertThat(judge(evidence).next())
                .isInstanceOfSatisfying(
                        NextProbe.SameConnection.class,
                        again -> assertThat(again.connection()).isEqualTo(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aRefusalInTheSecondOfTheWindowHasGrowingPauses(int crossings) {
        Evidence evidence = Evidence.NONE;
        for (int i = 0; i < crossings; i++) {
            evidence = evidence.refusingReplicas().isEmpty()
                    ? refusedOpenly(NOW, FROM)
                    : evidence.afterSameConnection(TERMS, 0, judged(unauthorized(NOW, FROM)), true, () -> 0);
        }

        NextProbe next = Judge.judge(TERMS, evidence, NOW.plusMillis(1)).next();

        assertThat(next).isEqualTo(new NextProbe.SameConnection(NOW.plusMillis(10L << crossings), 0));
    }

    @Test
    void aReplicaWithoutDateIsProbedOverItsConnectionAfterAPause() {
        Instant local = FROM.minusSeconds(100);
        Evidence evidence = refusedOpenly(local, null);

        Judgement judgement = Judge.judge(TERMS, evidence, local);

        assertThat(judgement.next()).isEqualTo(new NextProbe.SameConnection(local.plusMillis(250), 0));
        assertThat(judgement.verdict()).isInstanceOfSatisfying(Verdict.NotYetValid.class, verdict -> {
            assertThat(verdict.acceptableBy()).isNull();
            assertThat(verdict.clockOffset()).isNull();
        });
    }

    @Test
    void aReplicaWithoutDateAndWithoutConnectionIsNotAwaited() {
        Instant local = FROM.minusSeconds(100);
        Evidence evidence = fresh(Evidence.NONE, unauthorized(local, null));

        assertThat(Judge.judge(TERMS, evidence, local))
                .isEqualTo(new Judgement(new Verdict.Pending(), new NextProbe.NewConnection(local.plusMillis(250))));
    }

    @Test
    void aRefusalThatTimeDoesNotEndOutranksAnEarlyRefusal() {
        Evidence evidence = fresh(refusedOpenly(NOW, FROM.minusSeconds(100)), UNEXPLAINED);

        assertThat(judge(evidence).verdict()).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void aResponseDatedBeforeTheWindowProvesARefusalUntilATime() {
        Verdict.NotYetValid proven = Judge.refusalProvenBy(TERMS, answer(AUTHENTICATED, NOW, FROM.minusSeconds(1)));

        Instant by = NOW.minus(ROUND_TRIP).plusSeconds(1);
        assertThat(proven)
                .extracting(Verdict.NotYetValid::acceptableBy, InstanceOfAssertFactories.INSTANT)
                .isBetween(by, by.plusMillis(3));
    }

    @Test
    void aRefusalOfAnotherTokenProvesTheSame() {
        assertThat(Judge.refusalProvenBy(TERMS, unauthorized(NOW, FROM.minusSeconds(1))))
                .isEqualTo(Judge.refusalProvenBy(TERMS, answer(AUTHENTICATED, NOW, FROM.minusSeconds(1))));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void aResponseDatedInTheWindowProvesNoRefusal(long secondsAfterFrom) {
        assertThat(Judge.refusalProvenBy(TERMS, answer(AUTHENTICATED, NOW, FROM.plusSeconds(secondsAfterFrom))))
                .isNull();
    }

    @Test
    void aResponseWithoutDateProvesNoRefusal() {
        assertThat(Judge.refusalProvenBy(TERMS, answer(AUTHENTICATED, NOW, null)))
                .isNull();
    }

    @Test
    void theDateOfAnUnavailableResponseProvesNoRefusal() {
        ProbeResult answer =
                answer(new ProbeOutcome.Unavailable("10.96.0.1:443 answered 503", null), NOW, FROM.minusSeconds(1));

        assertThat(Judge.refusalProvenBy(TERMS, answer)).isNull();
    }

    @Test
    void aDateProvesNoRefusalOfATokenWithoutABeginning() {
        TokenTerms timeless = new TokenTerms(new ValidityWindow(null, UNTIL), null, 3, 0);

        assertThat(Judge.refusalProvenBy(timeless, answer(AUTHENTICATED, NOW, FROM.minusSeconds(1))))
                .isNull();
    }

    private static ClockEstimate clock(Evidence evidence) {
        ClockEstimate clock = evidence.refusingReplicas().replicas().get(0).clock();
        if (clock == null) {
            throw new AssertionError("no clock");
        }
        return clock;
    }

    private static Instant latest(Evidence evidence) {
        return clock(evidence).latest(FROM);
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /**
     * Returns a replica whose {@code Date}s have jumped {@code steps} times. The round trip sets the width of its clock
     * estimate.
     */
    private static RefusingReplica jumping(int connection, int steps, Duration roundTrip) {
        Instant at = FROM.minusSeconds(100).plusMillis(500);
        ClockEstimate clock = ClockEstimate.of(new Sample(at.minus(roundTrip), at, FROM.minusSeconds(5_000)));
        for (int step = 1; step <= steps; step++) {
            clock = clock.with(new Sample(at.minus(roundTrip), at, FROM.minusSeconds(100 + 1_000L * (steps - step))));
        }
        return new RefusingReplica(connection, ProbeResults.ADDRESS, "certificate", clock, true, at);
    }

    @Test
    void refusingReplicasNeverReplaceEachOtherInACircle() {
        int jumps = Judge.MAX_CLOCK_STEPS + 1;
        Instant at = FROM.minusSeconds(100).plusMillis(500);
        List<RefusingReplica> replicas = List.of(
                jumping(5, jumps, Duration.ofMillis(1)),
                jumping(3, 1, Duration.ofMillis(5)),
                jumping(1, jumps, Duration.ofMillis(10)));

        Evidence evidence = Evidence.NONE.withRefusingReplicas(new RefusingReplicas(replicas));

        assertThat(Judge.judge(TERMS, evidence, at).verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void aReplicaThatClosesEachConnectionIsKeptAtMostThreeTimes() {
        Evidence evidence = Evidence.NONE;
        for (int i = 0; i < 10; i++) {
            Instant at = NOW.plusSeconds(i);
            ProbeResult refusal = new ProbeResult(
                    ProbeResults.ADDRESS,
                    new ProbeOutcome.Unauthorized(),
                    "certificate",
                    List.of(),
                    at.minusMillis(2),
                    at,
                    FROM.minusSeconds(200 - i));
            evidence = evidence.afterNewConnection(TERMS, i, judged(refusal), false, () -> 0);
        }

        assertThat(evidence.refusingReplicas().size()).isEqualTo(Evidence.MOST_REFUSING);
    }
}
