package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.guardian.SimulatedApiServer.Step;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The guardian probes at once after its proxy has reported a refusal, and uses the clocks that the proxy reports. */
class HeardRefusalTest {
    private static final Duration SOON = Duration.ofMillis(100);

    private final Replica one = new Replica("one", Duration.ZERO);
    private final Replica two = new Replica("two", Duration.ZERO);
    private final Replica three = new Replica("three", Duration.ZERO);
    private final Token token =
            TestTokens.issuedAt(NOON.truncatedTo(ChronoUnit.SECONDS)).token();
    private final World world = World.of(one, two, three);

    @BeforeEach
    void accept() {
        world.read(token).runUntilAccepted();
        world.runFor(Duration.ofSeconds(5));
        world.apiServer.asked.clear();
    }

    private void stepBack(Replica... replicas) {
        for (Replica replica : replicas) {
            replica.steps.add(new Step(world.time.now(), Duration.ofMinutes(-3)));
        }
    }

    private void report(Finding finding) {
        report(finding, false);
    }

    private void report(Finding finding, boolean inDoubt) {
        world.guardian.onAnswer(Answers.refused(token, finding, inDoubt, one.certificate));
        world.runFor(SOON);
    }

    /** The proxy reports the 401 once. Each seed distributes the connections in another order. */
    @Test
    void theVerdictFollowsA401ThatTheProxyGetsWithin2Seconds() {
        List<Integer> missed = IntStream.range(0, 100)
                .filter(seed -> {
                    Replica back = new Replica("one", Duration.ZERO);
                    World dealt = World.dealt(seed, back, two, three).read(token);
                    dealt.runUntilAccepted().runFor(Duration.ofSeconds(5));
                    back.offset = Duration.ofSeconds(-100);
                    dealt.guardian.onAnswer(Answers.refused(token, Finding.NOT_YET_VALID, false));
                    dealt.runFor(Duration.ofSeconds(2));
                    return dealt.guardian.tokenStatus().isAccepted();
                })
                .boxed()
                .toList();

        assertThat(missed).as("the seeds with a verdict that is still accepted").isEmpty();
    }

    @Test
    void aTokenIsNotUsableWhenTheOtherReplicasAreSetBackToo() {
        stepBack(two);
        report(Finding.NOT_YET_VALID);
        stepBack(one, three);

        report(Finding.NOT_YET_VALID, true);

        assertThat(world.tokenSource.usable()).isEmpty();
    }

    @Test
    void refusalsByTheSlowReplicasLeaveTheTokenUsable() {
        stepBack(two, three);
        report(Finding.NOT_YET_VALID);
        world.apiServer.asked.clear();

        for (int i = 0; i < 50; i++) {
            report(Finding.NOT_YET_VALID);
            assertThat(world.tokenSource.usable()).containsExactly(token);
        }

        assertThat(world.apiServer.asked).hasSizeLessThan(100);
    }

    @Test
    void anUnexplainedRefusalDoesNotHideARefusalByAClock() {
        world.guardian.onAnswer(Answers.refused(token, Finding.NOT_YET_VALID, false));

        report(Finding.REFUSED);

        assertThat(world.apiServer.asked).hasSizeGreaterThan(1);
    }

    @Test
    void aSlowReplicasRefusalDoesNotMakeARevokedTokenUsable() {
        stepBack(two);
        report(Finding.NOT_YET_VALID);
        one.instead = new ProbeOutcome.Unauthorized();
        three.instead = new ProbeOutcome.Unauthorized();
        List<Boolean> usable = new ArrayList<>();
        world.guardian.onTokenStatus(status -> usable.add(status.isUsable()));

        for (int i = 0; i < 12; i++) {
            report(Finding.REFUSED);
            world.runFor(Duration.ofSeconds(5));
        }

        assertThat(usable.subList(usable.indexOf(false), usable.size())).containsOnly(false);
    }

    @Test
    void aRevokedTokenIsRefused() {
        for (Replica replica : List.of(one, two, three)) {
            replica.instead = new ProbeOutcome.Unauthorized();
        }

        report(Finding.REFUSED);

        assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);
        assertThat(world.tokenSource.usable()).isEmpty();
    }

    @Test
    void aRefusalByAClockThatIsRightAgainCosts25ProbesAtMost() {
        report(Finding.NOT_YET_VALID);

        assertThat(world.guardian.tokenStatus().isAccepted()).isTrue();
        assertThat(world.apiServer.asked).hasSizeLessThanOrEqualTo(25);
    }

    @Test
    void aRefusalReportedDuringAPauseIsProbedAfterThePause() {
        Duration pause = Duration.ofSeconds(10);
        List<Replica> all = List.of(one, two, three);
        stepBack(two);
        report(Finding.NOT_YET_VALID);
        world.runFor(Duration.ofSeconds(15)); // until that replica's clock is known well and rarely probed
        all.forEach(replica -> replica.instead = new ProbeOutcome.Unavailable("busy", pause));
        report(Finding.REFUSED);
        all.forEach(replica -> replica.instead = null);
        report(Finding.REFUSED);
        int connections = world.apiServer.connections;

        world.runFor(pause.multipliedBy(5).dividedBy(4)); // chance adds a quarter

        assertThat(world.apiServer.connections).isEqualTo(connections + 1);
    }

    @Test
    void theRefusalOfATokenThatIsNoLongerKnownCostsNothing() {
        world.guardian.onAnswer(
                Answers.refused(TestTokens.issuedAt(NOON.minusSeconds(900)).token(), Finding.NOT_YET_VALID, false));

        world.runFor(SOON);

        assertThat(world.apiServer.asked).isEmpty();
    }

    /** Several connections have got a refusal, and each of them has to get an acceptance again. */
    @Test
    void slowReplicasAcceptTheTokenWithin100MillisecondsOfItsWindow() {
        stepBack(one, two, three);
        List.of(one, two, three).forEach(replica -> replica.takes = Duration.ofMillis(8));
        report(Finding.NOT_YET_VALID);
        world.runFor(Duration.ofSeconds(1));
        assertThat(world.tokenSource.usable()).isEmpty();
        assertThat(world.apiServer.open).isGreaterThanOrEqualTo(3);
        Instant moment = World.acceptableTo(one, token).plus(Duration.ofMinutes(3));

        world.runFor(Duration.between(world.time.now(), moment));
        assertThat(world.guardian.tokenStatus().isAccepted()).isFalse();
        world.runUntilAccepted();

        assertThat(world.guardian.tokenStatus().at()).isBefore(moment.plusMillis(100));
    }

    @Test
    void theFirstAcceptanceIsPublishedBeforeTheOthersRespond() {
        stepBack(one, two, three);
        report(Finding.NOT_YET_VALID);
        Instant moment = World.acceptableTo(one, token).plus(Duration.ofMinutes(3));
        world.runFor(Duration.between(world.time.now(), moment.minusMillis(500)));
        List.of(one, two, three).forEach(replica -> replica.takes = Duration.ofMillis(8));
        List<Instant> usable = new ArrayList<>();
        List<Instant> accepted = new ArrayList<>();
        world.guardian.onTokenStatus(
                status -> (status.isUsable() ? usable : new ArrayList<Instant>()).add(status.at()));
        world.guardian.onTokenStatus(
                status -> (status.isAccepted() ? accepted : new ArrayList<Instant>()).add(status.at()));

        world.runUntilAccepted();

        assertThat(usable.get(0)).isBefore(accepted.get(0));
    }
}
