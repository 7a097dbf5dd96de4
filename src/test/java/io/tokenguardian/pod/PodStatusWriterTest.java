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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written to the pod, and when. */
class PodStatusWriterTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(NOON)
            .kubernetes("pod", Map.of("name", "cart-0", "uid", "u-1"))
            .token();
    private static final String ACCEPTED_SENTENCE =
            "The API server accepts the token of system:serviceaccount:shop:cart.";
    private static final String CONDITION = "condition True accepted: " + ACCEPTED_SENTENCE;
    private static final WriteResult FORBIDDEN = new WriteResult.Denied("pods \"cart-1\" is forbidden:\nno role");

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final Timeline timeline = time.timeline();
    private final FakePodApi api = new FakePodApi();

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    @Test
    void acceptanceMakesTheConditionTrueWithTheVerdictAndItsSentence() {
        PodStatusWriter report = writer();

        report.accept(accepted());
        Instant next = report.runOnce();

        assertThat(api.written).containsExactly(CONDITION);
        assertThat(next).isEqualTo(Instant.MAX);
    }

    @Test
    void thePauseAfterAFailureBeginsWhenTheWriteHasFailed() {
        PodStatusWriter report = writer();
        api.outcome = new WriteResult.Failed("503");
        api.duringWrite = () -> time.advance(Duration.ofSeconds(25));
        report.accept(accepted());

        assertThat(report.turn()).isEqualTo(Duration.ofSeconds(10));
    }

    /** The condition does not become False, because that could be written only with a usable token. */
    @Test
    void theConditionStaysTrueWhileAllReplicasRefuseTheToken() {
        PodStatusWriter report = writer();
        report.accept(accepted());
        report.runOnce();

        report.accept(notYetValid());
        Instant next = report.runOnce();

        assertThat(api.written).containsExactly(CONDITION);
        assertThat(next).isEqualTo(Instant.MAX);
    }

    @Test
    void byEveryTheConditionIsFalseWhileOneReplicaRefusesTheToken() {
        PodStatusWriter report = writer();
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
        PodStatusWriter report = writer();
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

    /** Returns the status of a token that was accepted before, and is still accepted by some replica. */
    private static TokenStatus laterUsable(TokenStatus refused) {
        return TokenStatuses.acceptedBefore(TokenStatuses.usable(refused, TOKEN));
    }

    static List<WriteResult> failures() {
        return List.of(FORBIDDEN, new WriteResult.Failed("503"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailedWriteIsRetriedAfterTenSecondsThenUpToFiveMinutes(WriteResult failure) {
        PodStatusWriter report = writer();
        api.outcome = failure;
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
    void a403IsOneWarning() {
        PodStatusWriter report = writer();
        api.outcome = FORBIDDEN;
        report.accept(accepted());

        time.advanceTo(report.runOnce());
        report.runOnce();

        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN ")
                .contains("pods/status", "k8s/rbac/pod-condition", "\"pods \"cart-1\" is forbidden:\\u000ano role\"");
    }

    @Test
    void a403IsNotTriedAgainBeforeItsTimeWhateverHappens() {
        PodStatusWriter report = writer();
        api.outcome = FORBIDDEN;
        report.accept(accepted());
        report.runOnce();

        time.advance(Duration.ofSeconds(10).minusMillis(1));
        report.accept(refused());
        report.accept(accepted());
        Instant next = report.runOnce();

        assertThat(api.written).containsExactly(CONDITION);
        assertThat(next).isEqualTo(NOON.plusSeconds(10));
    }

    @Test
    void whatIsAllowedLaterIsWrittenWithOneLineThatSaysSo() {
        PodStatusWriter report = writer();
        api.outcome = FORBIDDEN;
        report.accept(accepted());
        time.advanceTo(report.runOnce());
        report.runOnce();
        api.written.clear();

        api.outcome = new WriteResult.Done();
        time.advance(Duration.ofSeconds(20));
        Instant next = report.runOnce();

        assertThat(api.written).containsExactly(CONDITION);
        assertThat(log.lines())
                .hasSize(2)
                .endsWith("INFO pod-condition=allowed The service account may patch pods/status now.");
        assertThat(next).isEqualTo(Instant.MAX);
    }

    @Test
    void anotherRefusalAfterItWasAllowedIsANewWarningAndAShortPause() {
        PodStatusWriter report = writer();
        api.outcome = FORBIDDEN;
        report.accept(accepted());
        time.advanceTo(report.runOnce());
        api.outcome = new WriteResult.Done();
        report.runOnce();

        api.outcome = FORBIDDEN;
        report.accept(laterUsable(refused()));
        Instant next = report.runOnce();

        assertThat(next).isEqualTo(time.now().plusSeconds(10));
        assertThat(log.lines())
                .extracting(line -> line.substring(0, line.indexOf(' ', 5)))
                .containsExactly(
                        "WARN pod-condition=forbidden", "INFO pod-condition=allowed", "WARN pod-condition=forbidden");
    }

    @Test
    void theNodesClockIsWhatTheTimesAreOn() {
        PodStatusWriter report = writer();
        time.stepNodeClock(Duration.ofSeconds(30));

        report.accept(accepted());
        report.runOnce();

        assertThat(api.times).containsExactly(NOON.plusSeconds(30));
    }

    @Test
    void aTokenThatIsBoundToNoPodIsOneWarning() {
        PodStatusWriter report = writer();
        Token unbound = TestTokens.issuedAt(NOON).kubernetes("pod", null).token();

        report.accept(TokenStatuses.of(NOON, new Verdict.Accepted(NOON, null), unbound));
        report.runOnce();
        report.runOnce();

        assertThat(api.written).isEmpty();
        assertThat(log.lines()).singleElement().asString().contains("not bound to a pod");
    }

    @Test
    void byEveryATokenThatIsOnlyUsableIsNotWritten() {
        PodStatusWriter report = writer();
        report.accept(TokenStatuses.usable(notYetValid(), TOKEN));

        assertThat(report.runOnce()).isEqualTo(Instant.MAX);
        assertThat(api.written).isEmpty();
    }

    @Test
    void byAnyAUsableTokenMakesTheConditionTrueOnceWhateverTheClocks() {
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.ANY, true, () -> 0);
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
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.ANY, true, () -> 0);
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
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.ANY, true, () -> 0);

        report.accept(TokenStatuses.usable(TokenStatuses.of(NOON, new Verdict.Pending(), TOKEN), TOKEN));

        assertThat(report.runOnce()).isEqualTo(Instant.MAX);
        assertThat(api.written).isEmpty();
    }

    private PodStatusWriter writer() {
        return new PodStatusWriter(api, timeline, AcceptedBy.EVERY, true, () -> 0);
    }

    private TokenStatus accepted() {
        return TokenStatuses.of(time.now(), new Verdict.Accepted(NOON, TokenStatuses.USER), TOKEN);
    }

    private TokenStatus refused() {
        return TokenStatuses.of(time.now(), new Verdict.Refused(TokenStatuses.ADDRESS, null), TOKEN);
    }

    private TokenStatus notYetValid() {
        Duration behind = Duration.ofSeconds(-75);
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
    void chanceShortensThePauseAfterA403() {
        PodStatusWriter report = new PodStatusWriter(api, timeline, AcceptedBy.EVERY, true, () -> 0.5);
        api.outcome = FORBIDDEN;

        report.accept(accepted());

        assertThat(report.runOnce()).isEqualTo(NOON.plusMillis(8_750));
    }
}
