package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static io.tokenguardian.guardian.World.acceptableTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Probe;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.guardian.SimulatedApiServer.Step;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wait for a replica whose clock is behind, and events during the wait. */
class WaitTest {
    private static final Duration HARDLY_LATE = Duration.ofMillis(100);

    /**
     * Only the first connection to the replica has narrowed its clock to milliseconds, and that connection is missing
     * after a break.
     */
    private static final Duration AFTER_A_BREAK = Duration.ofMillis(200);

    /** The longest pause between two probes of a replica, plus a second for the search for the acceptance time. */
    private static final Duration STEP_NOTICED_WITHIN = Duration.ofSeconds(61);

    private final Replica slow = new Replica("slow", Duration.ofSeconds(-135));
    private final Replica good = new Replica("good", Duration.ZERO);
    private final Replica other = new Replica("other", Duration.ofMillis(300));

    /** Acceptable at once on a right clock, and in 75 s on the clock of {@link #slow}. */
    private final Token token =
            TestTokens.issuedAt(NOON.truncatedTo(ChronoUnit.SECONDS)).token();

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void aWaitEndsWithin100MillisecondsWhateverTheNodesClock(int hours) {
        World world = World.of(slow, good, other).read(token).runFor(Duration.ofSeconds(20));

        world.time.stepNodeClock(Duration.ofHours(hours));
        world.runUntilAccepted();

        assertThat(world.guardian.tokenStatus().at())
                .isBetween(acceptableTo(slow, token), acceptableTo(slow, token).plus(HARDLY_LATE));
    }

    /** Over the same connection, the replica remains known: its clock may be set back in the meantime. */
    @Test
    void aResponseThatShowsNothingDoesNotEndTheWaitForItsReplica() {
        SimulatedTime time = new SimulatedTime(NOON);
        boolean[] met = {false};
        SimulatedApiServer apiServer = new SimulatedApiServer(
                time, List.of(slow, good), () -> met[0] ? 1 : 0, () -> Duration.ofNanos(500_000));
        World world = new World(time, apiServer).read(token).runFor(Duration.ofMillis(3));
        met[0] = true;
        world.runFor(Duration.ofSeconds(20));
        slow.script.add(new ProbeOutcome.Unavailable("429", null));

        world.runFor(Duration.ofSeconds(30));
        slow.offset = slow.offset.minusSeconds(60);
        world.runUntilAccepted();

        assertThat(slow.script).isEmpty();
        assertThat(world.guardian.tokenStatus().at()).isAfterOrEqualTo(acceptableTo(slow, token));
    }

    @Test
    void theWaitForAReplicaThatHasLeftEndsByItsClock() {
        World world = World.of(good, other, slow).read(token).runFor(Duration.ofSeconds(20));
        slow.instead = new ProbeOutcome.Unavailable("503", null);
        world.apiServer.leaveOpen(slow);

        world.runUntilAccepted();

        assertThat(world.guardian.tokenStatus().at())
                .isBetween(acceptableTo(slow, token), acceptableTo(slow, token).plusSeconds(60));
    }

    /** Early in the wait, the clock of the replica is not known well. Before its end, connections are opened ahead. */
    @ParameterizedTest
    @ValueSource(ints = {500, 45_000})
    void thePredictionReplacesAConnectionThatBreaks(int millisBeforeTheAcceptance) {
        Instant due = acceptableTo(slow, token);
        World world = World.of(slow, good, other).read(token);
        world.runFor(Duration.between(world.time.now(), due.minusMillis(millisBeforeTheAcceptance)));

        world.apiServer.breakConnections();
        world.runUntilAccepted();

        assertThat(world.guardian.tokenStatus().at()).isBetween(due, due.plus(AFTER_A_BREAK));
        assertThat(world.guardian.tokenStatus().replicas())
                .extracting(KnownReplica::finding)
                .doesNotContain(Finding.UNREACHABLE);
    }

    @Test
    void aClockSetForwardIsNoticedWithin61Seconds() {
        slow.offset = Duration.ofHours(-2);
        Instant set = NOON.plusSeconds(1_000);
        slow.steps.add(new Step(set, Duration.ofHours(2)));
        World world = World.of(slow, good, other).read(token);

        world.runUntilAccepted();

        assertThat(world.guardian.tokenStatus().at()).isBetween(set, set.plus(STEP_NOTICED_WITHIN));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 20, 40, 60, 70, 74})
    void aClockSetBackLateInTheWaitIsAwaitedToo(int secondsIntoTheWait) {
        slow.steps.add(new Step(NOON.plusSeconds(secondsIntoTheWait), Duration.ofMinutes(-1)));
        World world = World.of(slow, good, good, good).read(token);

        world.runUntilAccepted();

        Instant due = acceptableTo(slow, token).plusSeconds(60);
        assertThat(world.guardian.tokenStatus().at()).isBetween(due, due.plus(HARDLY_LATE));
    }

    @Test
    void aReplicaThatClosesEachConnectionIsAwaitedByItsClock() {
        slow.closes = true;
        World world = World.of(slow, good, good, good).read(token);

        world.runUntilAccepted();

        Instant due = acceptableTo(slow, token);
        assertThat(world.guardian.tokenStatus().at())
                .isBetween(due, due.plusSeconds(1).plus(HARDLY_LATE));
        // The connections needed to reach every replica if two replicas are known, plus three confirmations.
        assertThat(world.apiServer.asked).hasSize(18 + 3);
    }

    @Test
    void aReplicaWithoutDateIsProbedOverItsConnectionUntilItAccepts() {
        slow.dates = false;
        slow.offset = Duration.ofSeconds(-70);
        Token behind = TestTokens.issuedAt(NOON.plusSeconds(65).truncatedTo(ChronoUnit.SECONDS))
                .token();
        World world = World.of(slow, good, good, good).read(behind);
        Instant nodeClockPassesFrom = NOON.plusSeconds(5);

        world.runFor(Duration.between(world.time.now(), nodeClockPassesFrom).minusMillis(500));

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
        assertThat(world.apiServer.asked.stream().filter(probe -> probe.replica() == slow))
                .hasSizeBetween(3, 50);
    }

    @Test
    void aReplicaWithoutDateThatAcceptsLaterIsConfirmedLikeOthers() {
        slow.dates = false;
        slow.offset = Duration.ofSeconds(-2);
        Token soon = TestTokens.issuedAt(NOON.plusSeconds(65).truncatedTo(ChronoUnit.SECONDS))
                .token();
        World world = World.of(slow).read(soon);
        slow.steps.add(new Step(NOON.plusSeconds(3), Duration.ofSeconds(4)));

        world.runUntilAccepted();

        assertThat(world.guardian.tokenStatus().at()).isBetween(NOON.plusSeconds(3), NOON.plusSeconds(6));
    }

    @ParameterizedTest
    @ValueSource(ints = {-3_600, -75, -10, -2, -1})
    void aDateStuckBeforeTheWindowIsProbedAtMostTwiceASecond(int secondsFromTheWindow) {
        Replica stuck = stuck(secondsFromTheWindow);
        World world = World.of(stuck).read(token).runFor(Duration.ofMinutes(1));
        int before = world.apiServer.asked.size();

        world.runFor(Duration.ofMinutes(10));

        // Each connection of the search seems to have another clock, and is probed until this clock has jumped often.
        assertThat(world.apiServer.asked.size() - before).isBetween(10, 1_200);
        assertThat(before).isLessThan(350);
    }

    @Test
    void aDateStuckInTheSecondOfTheWindowIsProbedMoreAndMoreRarely() {
        Replica stuck = stuck(0);
        World world = World.of(stuck).read(token);

        world.runFor(Duration.ofMinutes(1));

        assertThat(world.apiServer.asked.size()).isBetween(8, 90);
    }

    /** Makes a replica that always refuses, with the same {@code Date} each time. */
    private Replica stuck(int secondsFromTheWindow) {
        Replica stuck = new Replica("stuck", Duration.ZERO);
        stuck.instead = new ProbeOutcome.Unauthorized();
        stuck.stuckDate = token.claims()
                .validFrom()
                .orElseThrow()
                .minus(SimulatedApiServer.LEEWAY)
                .plusSeconds(secondsFromTheWindow);
        return stuck;
    }

    @Test
    void twoReplicasAlternatingOnOneConnectionGetFewProbes() {
        // Given a load balancer that distributes requests, not connections: one connection shows two clocks.
        Replica balanced = new Replica("balanced", Duration.ofSeconds(-135));
        for (int i = 0; i < 200; i++) {
            Duration by = Duration.ofSeconds(i % 2 == 0 ? -30 : 30);
            balanced.steps.add(new Step(NOON.plusMillis(310L * i), by));
        }
        World world = World.of(balanced).read(token);

        world.runFor(Duration.ofSeconds(62));

        assertThat(world.apiServer.asked.size()).isLessThan(100);
    }

    @Test
    void anOverloadedReplicaGetsNoProbeForAsLongAsItRequests() {
        slow.offset = Duration.ofSeconds(-63);
        World world = World.of(slow, good, good, good).read(token).runFor(Duration.ofMillis(200));
        slow.instead = new ProbeOutcome.Unavailable("429", Duration.ofSeconds(30));
        world.runFor(Duration.ofSeconds(5));
        world.apiServer.asked.clear();

        world.runFor(Duration.ofSeconds(24));

        assertThat(world.apiServer.asked).extracting(Probe::replica).doesNotContain(slow);
    }

    @Test
    void anUnreachableApiServerIsProbedMoreAndMoreRarelyAndUsedLater() {
        World world = World.of(good).read(token);
        world.apiServer.instead = new ProbeOutcome.Unreachable("10.96.0.1:443: connection refused");
        world.runFor(Duration.ofMinutes(2));
        assertThat(world.verdict()).isInstanceOf(Verdict.Unreachable.class);
        assertThat(world.apiServer.asked).hasSizeBetween(12, 25);
        Instant back = world.time.now();

        world.apiServer.instead = null;
        world.runUntilAccepted();

        assertThat(world.guardian.tokenStatus().at()).isBetween(back, back.plusSeconds(11));
    }
}
