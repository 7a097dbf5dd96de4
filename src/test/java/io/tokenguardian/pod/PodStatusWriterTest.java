package io.tokenguardian.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.pod.PodApi.WriteResult;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What is written to the pod, and when. */
class PodStatusWriterTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = token(NOON);
    private static final String ACCEPTED_SENTENCE =
            "The API server accepts the token of system:serviceaccount:shop:cart.";
    private static final String CONDITION = "condition True accepted: " + ACCEPTED_SENTENCE;
    private static final WriteResult FORBIDDEN = new WriteResult.Denied("pods \"cart-1\" is forbidden:\nno role");
    private static final String EVENT = "Normal TokenAccepted: " + ACCEPTED_SENTENCE;

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final Timeline timeline = time.timeline();
    private final FakePodApi api = new FakePodApi();

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    @Test
    void acceptanceMakesTheConditionTrueWithTheVerdictAndItsSentence() {
        PodStatusWriter report = conditionOnly();

        report.accept(accepted());
        Instant next = report.runOnce();

        assertThat(api.written).containsExactly(CONDITION);
        assertThat(next).isEqualTo(Instant.MAX);
    }

    @Test
    void aClockThatIsOffIsOneEventHoweverOftenItIsSaid() {
        PodStatusWriter report = eventsOnly();
        report.accept(withClock(-75));
        report.accept(withClock(0));
        report.runOnce();

        report.accept(withClock(-76));
        report.runOnce();

        assertThat(api.written)
                .containsExactly(
                        EVENT,
                        "Warning ReplicaClockOff: cp-2's clock is 1 min 15 s behind this node's. Pods whose token cp-1"
                                + " issues get 401 Unauthorized (\"service account token is not valid yet\") from this API"
                                + " server replica for their first 15.0 s. Set cp-2's clock (NTP).");
    }

    private TokenStatus withClock(int seconds) {
        return TokenStatuses.with(
                accepted(),
                TokenStatuses.named("cp-1", NOON, Duration.ZERO),
                TokenStatuses.named("cp-2", NOON, Duration.ofSeconds(seconds)));
    }

    @Test
    void thePauseAfterAFailureBeginsWhenTheWriteHasFailed() {
        PodStatusWriter report = eventsOnly();
        api.outcome = new WriteResult.Failed("503");
        api.duringEvent = () -> time.advance(Duration.ofSeconds(25));
        report.accept(accepted());

        assertThat(report.turn()).isEqualTo(PodStatusWriter.PAUSE);
    }

    /** The condition does not become False, because that could be written only with a usable token. */
    @Test
    void theConditionStaysTrueWhileAllReplicasRefuseTheToken() {
        PodStatusWriter report = conditionOnly();
        report.accept(accepted());
        report.runOnce();

        report.accept(notYetValid());
        Instant next = report.runOnce();

        assertThat(api.written).containsExactly(CONDITION);
        assertThat(next).isEqualTo(Instant.MAX);
    }

    @Test
    void byEveryTheConditionIsFalseWhileOneReplicaRefusesTheToken() {
        PodStatusWriter report = conditionOnly();
        report.accept(accepted());
        report.runOnce();
        time.advance(Duration.ofSeconds(20));

        report.accept(laterUsable(refused()));
        report.runOnce();

        assertThat(api.written)
                .containsExactly(
                        CONDITION,
                        "condition False usable: Some API server replicas accept a token of this pod, and others do"
                                + " not.");
        assertThat(api.times).containsExactly(NOON, NOON.plusSeconds(20));
    }

    @Test
    void byEveryTheConditionIsTrueAgainSinceTheLastReplicaAccepts() {
        PodStatusWriter report = conditionOnly();
        report.accept(accepted());
        report.runOnce();
        report.accept(laterUsable(refused()));
        report.runOnce();
        time.advance(Duration.ofSeconds(20));

        report.accept(accepted());
        report.runOnce();

        assertThat(api.written).hasSize(3).last().isEqualTo(CONDITION);
        assertThat(api.times).containsExactly(NOON, NOON, NOON.plusSeconds(20));
    }

    @Test
    void aRefusalByOneReplicaIsAnEventAtOnce() {
        PodStatusWriter report = eventsOnly();
        report.accept(accepted());
        report.runOnce();

        report.accept(laterUsable(refused()));
        report.runOnce();

        assertThat(api.written).hasSize(2).last().asString().startsWith("Warning TokenRefused: ");
    }

    /** Returns the status of a token that was accepted before, and is still accepted by some replica. */
    private static TokenStatus laterUsable(TokenStatus refused) {
        return TokenStatuses.acceptedBefore(TokenStatuses.usable(refused, TOKEN));
    }

    @Test
    void theWaitIsReportedAtItsEndWithReplicaClockAndBeginning() {
        PodStatusWriter report = eventsOnly();
        report.accept(notYetValid());
        time.advance(Duration.ofSeconds(15));

        report.accept(accepted());
        report.runOnce();

        assertThat(api.written)
                .containsExactly(
                        "Warning TokenNotYetValid: The API server replica at 10.96.0.1:443, whose clock is"
                                + " 1 min 15 s behind this node's, refuses the token (401 Unauthorized) until it is"
                                + " 2026-03-01T11:59:00Z on its own clock.",
                        EVENT);
        assertThat(api.times).containsExactly(NOON, NOON.plusSeconds(15));
    }

    @Test
    void aStaleCallerIsAnEventAndTheNextDayAnother() {
        PodStatusWriter report = eventsOnly();
        report.accept(accepted());
        report.runOnce();

        report.accept(PodEvent.staleCaller("app/1", "app/1 still sends it.", NOON));
        report.runOnce();
        report.accept(PodEvent.staleCaller("app/1", "app/1 sends it.", NOON.plus(Duration.ofDays(1))));
        report.runOnce();

        assertThat(api.written)
                .containsExactly(
                        EVENT, "Warning StaleCaller: app/1 still sends it.", "Warning StaleCaller: app/1 sends it.");
    }

    @Test
    void aMessageThatIsUpdatedWhileItsEventIsWrittenIsNoRepetition() {
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.ANY, false, true, () -> 0);
        report.accept(TokenStatuses.usable(notYetValid(-75), TOKEN));
        api.duringEvent = () -> report.accept(TokenStatuses.usable(notYetValid(-76), TOKEN));

        report.runOnce();

        assertThat(api.written).singleElement().asString().startsWith("Warning TokenNotYetValid: ");
    }

    @Test
    void ofTooManyChangesTheOldestGo() {
        PodStatusWriter report = eventsOnly();
        for (int i = 0; i <= PendingEvents.MAX_PENDING; i++) {
            Token token = token(NOON.minusSeconds(i));
            report.accept(TokenStatuses.of(NOON, new Verdict.Refused(TokenStatuses.ADDRESS), token));
        }

        report.accept(accepted());
        report.runOnce();

        assertThat(api.written).hasSize(PendingEvents.MAX_PENDING).last().isEqualTo(EVENT);
    }

    @Test
    void a403IsRetriedAfterTenSecondsThenUpToEveryFiveMinutes() {
        PodStatusWriter report = conditionOnly();
        api.outcome = FORBIDDEN;
        report.accept(accepted());
        List<Long> pauses = new ArrayList<>();

        for (int i = 0; i < 8; i++) {
            Instant next = report.runOnce();
            pauses.add(Duration.between(time.now(), next).toSeconds());
            time.advanceTo(next);
        }

        assertThat(pauses).containsExactly(10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L);
        assertThat(api.written).hasSize(8);
    }

    @Test
    void a403IsNotTriedAgainBeforeItsTimeWhateverHappens() {
        PodStatusWriter report = both();
        api.outcome = FORBIDDEN;
        report.accept(accepted());
        report.runOnce();

        time.advance(Duration.ofSeconds(10).minusMillis(1));
        report.accept(refused());
        report.accept(accepted());
        Instant next = report.runOnce();

        assertThat(api.written).containsExactly(CONDITION, EVENT);
        assertThat(next).isEqualTo(NOON.plusSeconds(10));
    }

    @Test
    void a403ForADayIsOneWarningForEach() {
        PodStatusWriter report = both();
        api.outcome = FORBIDDEN;
        report.accept(accepted());

        while (time.now().isBefore(NOON.plus(Duration.ofDays(1)))) {
            time.advanceTo(report.runOnce());
        }

        assertThat(log.lines()).hasSize(2).allMatch(line -> line.startsWith("WARN "));
        assertThat(log.lines().get(0))
                .contains("pods/status", "k8s/rbac/pod-condition", "\"pods \"cart-1\" is forbidden:\\u000ano role\"");
        assertThat(log.lines().get(1)).contains("events", "k8s/rbac/events");
    }

    @Test
    void whatIsAllowedLaterIsWrittenWithOneLineThatSaysSo() {
        PodStatusWriter report = both();
        api.outcome = FORBIDDEN;
        report.accept(accepted());
        time.advanceTo(report.runOnce());
        report.runOnce();
        api.written.clear();

        api.outcome = new WriteResult.Done();
        time.advance(Duration.ofSeconds(20));
        Instant next = report.runOnce();

        assertThat(api.written).containsExactly(CONDITION, EVENT);
        assertThat(log.lines())
                .hasSize(4)
                .endsWith(
                        "INFO pod-condition=allowed The service account may patch pods/status now.",
                        "INFO events=allowed The service account may create events now.");
        assertThat(next).isEqualTo(NOON.plusSeconds(3_240));
    }

    @Test
    void forbiddenEventsAreReportedLaterWithTheirOwnTimes() {
        PodStatusWriter report = eventsOnly();
        api.outcome = FORBIDDEN;
        report.accept(accepted());
        Instant retry = report.runOnce();
        time.advance(Duration.ofSeconds(5));
        report.accept(refused());
        report.accept(accepted());
        api.written.clear();
        api.times.clear();

        api.outcome = new WriteResult.Done();
        time.advanceTo(retry);
        report.runOnce();

        assertThat(api.written).hasSize(3).startsWith(EVENT).endsWith(EVENT);
        assertThat(api.times).containsExactly(NOON, NOON.plusSeconds(5), NOON.plusSeconds(5));
    }

    @Test
    void anotherRefusalAfterItWasAllowedIsANewWarningAndAShortPause() {
        PodStatusWriter report = eventsOnly();
        api.outcome = FORBIDDEN;
        report.accept(accepted());
        time.advanceTo(report.runOnce());
        api.outcome = new WriteResult.Done();
        report.runOnce();

        api.outcome = FORBIDDEN;
        report.accept(refused());
        report.accept(accepted());
        Instant next = report.runOnce();

        assertThat(next).isEqualTo(time.now().plusSeconds(10));
        assertThat(log.lines())
                .extracting(line -> line.substring(0, line.indexOf(' ', 5)))
                .containsExactly("WARN events=forbidden", "INFO events=allowed", "WARN events=forbidden");
    }

    @Test
    void afterAFailureItIsTriedAgainInTenSecondsAndNotBefore() {
        PodStatusWriter report = both();
        api.outcome = new WriteResult.Failed("503");
        report.accept(accepted());

        assertThat(report.runOnce()).isEqualTo(NOON.plus(PodStatusWriter.PAUSE));
        time.advance(PodStatusWriter.PAUSE.minusMillis(1));
        report.runOnce();
        assertThat(api.written).hasSize(1);
        time.advance(Duration.ofMillis(1));
        api.outcome = new WriteResult.Done();
        report.runOnce();

        assertThat(api.written).containsExactly(CONDITION, CONDITION, EVENT);
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aTokenNotReplacedInNineTenthsOfItsLifeIsReportedOnce() {
        PodStatusWriter report = eventsOnly();
        report.accept(accepted());
        Instant due = report.runOnce();
        assertThat(due).isEqualTo(NOON.plusSeconds(3_240));

        time.advanceTo(due.minusMillis(1));
        report.runOnce();
        assertThat(api.written).containsExactly(EVENT);
        time.advanceTo(due);
        Instant next = report.runOnce();
        report.runOnce();

        assertThat(api.written)
                .containsExactly(
                        EVENT,
                        "Warning TokenExpiring: kubelet should have replaced the token long before"
                                + " 2026-03-01T13:00:00Z, the end of the lifetime that it requested.");
        assertThat(next).isEqualTo(Instant.MAX);
    }

    @Test
    void aTokenOfAYearIsMeasuredByWhenKubeletIsToReplaceIt() {
        PodStatusWriter report = eventsOnly();
        Token longLived = bound(TestTokens.issuedAt(NOON).expiresAt(NOON.plus(Duration.ofDays(365))))
                .kubernetes("warnafter", NOON.plusSeconds(3_607).getEpochSecond())
                .token();

        report.accept(TokenStatuses.of(NOON, new Verdict.Accepted(NOON, TokenStatuses.USER), longLived));

        assertThat(report.runOnce()).isEqualTo(NOON.plusMillis(3_246_300));
    }

    @Test
    void theNodesClockIsWhatTheTimesAreOn() {
        PodStatusWriter report = conditionOnly();
        time.stepNodeClock(Duration.ofSeconds(30));

        report.accept(accepted());
        report.runOnce();

        assertThat(api.times).containsExactly(NOON.plusSeconds(30));
    }

    @Test
    void aTokenThatIsBoundToNoPodIsOneWarning() {
        PodStatusWriter report = both();
        Token unbound = TestTokens.issuedAt(NOON).kubernetes("pod", null).token();

        report.accept(TokenStatuses.of(NOON, new Verdict.Accepted(NOON, null), unbound));
        report.runOnce();
        report.runOnce();

        assertThat(api.written).isEmpty();
        assertThat(log.lines()).singleElement().asString().contains("not bound to a pod");
    }

    @Test
    void byEveryATokenThatIsOnlyUsableIsNotWritten() {
        PodStatusWriter report = both();
        report.accept(TokenStatuses.usable(notYetValid(), TOKEN));

        assertThat(report.runOnce()).isEqualTo(Instant.MAX);
        assertThat(api.written).isEmpty();
    }

    @Test
    void byAnyAUsableTokenMakesTheConditionTrueOnceWhateverTheClocks() {
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.ANY, true, false, () -> 0);
        report.accept(TokenStatuses.usable(notYetValid(), TOKEN));
        report.runOnce();
        time.advance(Duration.ofSeconds(1));

        report.accept(TokenStatuses.usable(notYetValid(), TOKEN));
        Instant next = report.runOnce();

        assertThat(api.written)
                .containsExactly(
                        "condition True usable: Some API server replicas accept a token of this pod, and others do"
                                + " not.");
        assertThat(next).isEqualTo(Instant.MAX);
    }

    @Test
    void byAnyTheConditionLaterReportsAllAndIsTrueSinceTheFirst() {
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.ANY, true, false, () -> 0);
        report.accept(TokenStatuses.usable(notYetValid(), TOKEN));
        report.runOnce();
        time.advance(Duration.ofSeconds(15));

        report.accept(accepted());
        report.runOnce();

        assertThat(api.written).hasSize(2).last().isEqualTo(CONDITION);
        assertThat(api.times).containsExactly(NOON, NOON);
    }

    @Test
    void byAnyNothingIsWrittenBetweenTheFirstAcceptanceAndTheVerdict() {
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.ANY, true, true, () -> 0);

        report.accept(TokenStatuses.usable(TokenStatuses.of(NOON, new Verdict.Pending(), TOKEN), TOKEN));

        assertThat(report.runOnce()).isEqualTo(Instant.MAX);
        assertThat(api.written).isEmpty();
    }

    @Test
    void aTokenThatBecomesUsableAgainAndAgainIsOneEvent() {
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.ANY, false, true, () -> 0);
        for (int i = 0; i < 5; i++) {
            report.accept(TokenStatuses.usable(notYetValid(), TOKEN));
            report.runOnce();
            report.accept(notYetValid());
            report.runOnce();
        }

        assertThat(api.written).singleElement().asString().startsWith("Warning TokenNotYetValid: ");
    }

    private PodStatusWriter conditionOnly() {
        return new PodStatusWriter(api, timeline, AcceptedBy.EVERY, true, false, () -> 0);
    }

    private PodStatusWriter eventsOnly() {
        return new PodStatusWriter(api, timeline, AcceptedBy.EVERY, false, true, () -> 0);
    }

    private PodStatusWriter both() {
        return new PodStatusWriter(api, timeline, AcceptedBy.EVERY, true, true, () -> 0);
    }

    private static Token token(Instant issuedAt) {
        return bound(TestTokens.issuedAt(issuedAt).expiresAt(issuedAt.plusSeconds(3_600)))
                .kubernetes("warnafter", null)
                .token();
    }

    private static TestTokens bound(TestTokens token) {
        return token.kubernetes("namespace", "shop").kubernetes("pod", Map.of("name", "cart-0", "uid", "u-1"));
    }

    private TokenStatus accepted() {
        return TokenStatuses.of(time.now(), new Verdict.Accepted(NOON, TokenStatuses.USER), TOKEN);
    }

    private TokenStatus refused() {
        return TokenStatuses.of(time.now(), new Verdict.Refused(TokenStatuses.ADDRESS), TOKEN);
    }

    private TokenStatus notYetValid() {
        return notYetValid(-75);
    }

    private TokenStatus notYetValid(int seconds) {
        Duration behind = Duration.ofSeconds(seconds);
        return TokenStatuses.of(
                time.now(),
                new Verdict.NotYetValid(
                        TokenStatuses.ADDRESS,
                        null,
                        NOON.minusSeconds(60),
                        NOON.plusSeconds(15),
                        NOON.plusSeconds(15),
                        new OffsetInterval(behind, behind)),
                TOKEN);
    }

    @Test
    void withoutEventsAStaleCallerIsNone() {
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.EVERY, true, false, () -> 0);
        report.accept(accepted());

        report.accept(PodEvent.staleCaller("app", "It does.", NOON));
        report.runOnce();

        assertThat(api.written).noneMatch(written -> written.contains("StaleCaller"));
    }

    @Test
    void chanceShortensThePauseAfterA403() {
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.EVERY, true, false, () -> 0.5);
        api.outcome = FORBIDDEN;

        report.accept(accepted());

        assertThat(report.runOnce()).isEqualTo(NOON.plusMillis(8_750));
    }

    @Test
    void chanceShortensThePauseAfterAFailure() {
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.EVERY, true, false, () -> 0.5);
        api.outcome = new WriteResult.Failed("503");

        report.accept(accepted());

        assertThat(report.runOnce()).isEqualTo(NOON.plusMillis(8_750));
    }
}
