package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Probe;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.guardian.SimulatedApiServer.Step;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The guarantees if clocks drift and are set during the wait, in seeded worlds of simulated time.
 *
 * <p>If connections stay open, the last response of every replica before ready is an acceptance. If connections break
 * or are closed, a replica whose last response was a refusal accepts when the guardian is ready, unless its clock was
 * set back after that response.
 */
@Tag("slow")
@Tag("simulation")
class SteppedWorldsTest {
    private static final int WORLDS = 1_000;

    /** A replica is probed at least once a minute, and its {@code Date} leaves an uncertainty of a second. */
    private static final Duration STEP_NOTICED_WITHIN = Duration.ofSeconds(61);

    private static final Duration A_SECOND_BACK = Duration.ofMillis(-1_010);

    private record Outcome(
            long seed, Instant ready, Token token, List<Replica> replicas, Map<Replica, Probe> lastWords, int probes) {}

    /** Run by the first test that needs them: the time limit of one test is for one of the two lists. */
    private static final class WithSteadyConnections {
        static final List<Outcome> OUTCOMES = worlds(false);
    }

    private static final class WithBrokenConnections {
        static final List<Outcome> OUTCOMES = worlds(true);
    }

    @Test
    void theLastResponseOfEveryProbedReplicaIsAnAcceptance() {
        assertThat(WithSteadyConnections.OUTCOMES)
                .allSatisfy(outcome -> assertThat(outcome.lastWords().values())
                        .as("seed %d", outcome.seed())
                        .extracting(Probe::outcome)
                        .hasOnlyElementsOfType(ProbeOutcome.Authenticated.class));
    }

    @Test
    void aReplicaThatRefusedLastAcceptsAtReadyUnlessItWasSetBack() {
        long predicted = 0;
        for (Outcome outcome : WithBrokenConnections.OUTCOMES) {
            for (Probe last : outcome.lastWords().values()) {
                if (last.outcome() instanceof ProbeOutcome.Authenticated || wasSetBackUnseen(last, outcome.ready())) {
                    continue;
                }
                predicted++;
                assertThat(last.replica().accepts(outcome.token(), outcome.ready()))
                        .as("seed %d", outcome.seed())
                        .isTrue();
            }
        }
        assertThat(predicted).isGreaterThan(WORLDS / 20);
    }

    @Test
    void readyComesWithin61SecondsAfterAllReplicasAcceptForGood() {
        assertThat(WithSteadyConnections.OUTCOMES)
                .allSatisfy(outcome -> assertThat(outcome.ready())
                        .as("seed %d", outcome.seed())
                        .isBefore(allAcceptForGood(outcome).plus(STEP_NOTICED_WITHIN)));
    }

    @Test
    void noWorldTakesMoreThan400Probes() {
        assertThat(WithSteadyConnections.OUTCOMES.stream()
                        .mapToInt(Outcome::probes)
                        .summaryStatistics()
                        .getMax())
                .isLessThan(400);
    }

    /**
     * Whether the clock was set back after the last response, or before it by less than the precision of a
     * {@code Date}.
     */
    private static boolean wasSetBackUnseen(Probe last, Instant ready) {
        return last.replica().steps.stream()
                .filter(step -> step.by().isNegative() && !step.at().isAfter(ready))
                .anyMatch(step -> !step.at().isBefore(last.at()) || step.by().compareTo(A_SECOND_BACK) > 0);
    }

    /** Returns when the last replica began to accept permanently, rounded up to a second. */
    private static Instant allAcceptForGood(Outcome outcome) {
        Instant instant = outcome.ready().plusSeconds(1).truncatedTo(ChronoUnit.SECONDS);
        while (instant.isAfter(World.NOON) && allAccept(outcome, instant)) {
            instant = instant.minusSeconds(1);
        }
        return instant.plusSeconds(1);
    }

    private static boolean allAccept(Outcome outcome, Instant at) {
        return outcome.lastWords().keySet().stream().allMatch(replica -> replica.accepts(outcome.token(), at));
    }

    private static List<Outcome> worlds(boolean breaking) {
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            tokens.add(TestTokens.issuedAt(
                            World.NOON.truncatedTo(ChronoUnit.SECONDS).plusSeconds(i))
                    .token());
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (int seed = 0; seed < WORLDS; seed++) {
            outcomes.add(run(seed, tokens, breaking));
        }
        return outcomes;
    }

    private static Outcome run(int seed, List<Token> tokens, boolean breaking) {
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedTime time = new SimulatedTime(World.NOON.plusNanos(random.nextLong(1_000_000_000)));
        List<Replica> replicas = replicas(random, breaking);
        SplittableRandom dealer = random.split();
        long oneWay = random.nextLong(100_000, 2_500_000);
        SimulatedApiServer apiServer = new SimulatedApiServer(
                time,
                replicas,
                () -> dealer.nextInt(replicas.size()),
                () -> Duration.ofNanos(oneWay + dealer.nextLong(oneWay / 4)));
        World world = new World(time, apiServer).read(tokens.get(random.nextInt(tokens.size())));
        if (breaking) {
            world.runFor(Duration.ofMillis(random.nextLong(100_000)));
            apiServer.breakConnections();
        }
        world.runUntilAccepted();

        Map<Replica, Probe> lastWords = new HashMap<>();
        apiServer.asked.stream()
                .filter(probe -> !(probe.outcome() instanceof ProbeOutcome.Unreachable))
                .filter(probe ->
                        probe.at().isBefore(world.guardian.tokenStatus().at()))
                .forEach(probe -> lastWords.put(probe.replica(), probe));
        return new Outcome(
                seed, world.guardian.tokenStatus().at(), world.current(), replicas, lastWords, apiServer.asked.size());
    }

    /**
     * Returns one to four replicas whose clocks are minutes off and drift by up to 50 ppm. Some are set during the
     * wait.
     */
    private static List<Replica> replicas(SplittableRandom random, boolean closing) {
        List<Replica> replicas = new ArrayList<>();
        int count = random.nextInt(1, 5);
        for (int i = 0; i < count; i++) {
            Replica replica = new Replica("certificate-" + i, Duration.ofMillis(random.nextLong(-240_000, 60_000)));
            replica.driftPpm = random.nextLong(-50, 51);
            replica.driftsSince = World.NOON;
            replica.closes = closing && random.nextInt(4) == 0;
            for (int step = random.nextInt(3); step > 0; step--) {
                replica.steps.add(new Step(
                        World.NOON.plusMillis(random.nextLong(180_000)),
                        Duration.ofMillis(random.nextLong(-90_000, 90_000))));
            }
            replicas.add(replica);
        }
        return replicas;
    }
}
