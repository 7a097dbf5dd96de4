package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Asked;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What is promised where clocks drift and are set during the wait, in seeded worlds of simulated time.
 *
 * <p>While connections hold: the last thing every replica said before ready was that it accepts. Where connections
 * break or are closed: a replica whose last word was a refusal accepts by the time of ready, unless its clock was set
 * back after that word.
 */
@Tag("slow")
class SteppedWorldsTest {
    private static final int WORLDS = 1_000;

    /** A tenth of a second for a wait that nothing disturbed, and what listening may miss of a step. */
    private static final Duration LISTENING_GAP = Duration.ofSeconds(61);

    private static final Duration A_SECOND_BACK = Duration.ofMillis(-1_010);

    private record Outcome(
            long seed, Instant ready, Token token, List<Replica> replicas, Map<Replica, Asked> lastWords, int probes) {}

    private static List<Outcome> steadyConnections = List.of();
    private static List<Outcome> brokenConnections = List.of();

    @BeforeAll
    static void runTheWorlds() {
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            tokens.add(TestTokens.issuedAt(
                            World.NOON.truncatedTo(ChronoUnit.SECONDS).plusSeconds(i))
                    .token());
        }
        steadyConnections = worlds(tokens, false);
        brokenConnections = worlds(tokens, true);
    }

    @Test
    void theLastWordOfEveryReplicaThatWasAskedIsItsAcceptance() {
        assertThat(steadyConnections)
                .allSatisfy(outcome -> assertThat(outcome.lastWords().values())
                        .as("seed %d", outcome.seed())
                        .extracting(Asked::outcome)
                        .hasOnlyElementsOfType(ProbeOutcome.Authenticated.class));
    }

    @Test
    void aReplicaWhoseLastWordWasARefusalAcceptsAtReadyUnlessItWasSetBackUnheard() {
        long predicted = 0;
        for (Outcome outcome : brokenConnections) {
            for (Asked last : outcome.lastWords().values()) {
                if (last.outcome() instanceof ProbeOutcome.Authenticated || wasSetBackUnheard(last, outcome.ready())) {
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
    void readyIsNotLaterThanTheListeningGapAfterEveryReplicaAcceptsForGood() {
        assertThat(steadyConnections)
                .allSatisfy(outcome -> assertThat(outcome.ready())
                        .as("seed %d", outcome.seed())
                        .isBefore(allAcceptForGood(outcome).plus(LISTENING_GAP)));
    }

    @Test
    void noWorldTakesMoreThan300Probes() {
        assertThat(steadyConnections.stream()
                        .mapToInt(Outcome::probes)
                        .summaryStatistics()
                        .getMax())
                .isLessThan(300);
    }

    /** After its last word, or before it by less than the second that a {@code Date} can't tell. */
    private static boolean wasSetBackUnheard(Asked last, Instant ready) {
        return last.replica().steps.stream()
                .filter(step -> step.by().isNegative() && !step.at().isAfter(ready))
                .anyMatch(step -> !step.at().isBefore(last.at()) || step.by().compareTo(A_SECOND_BACK) > 0);
    }

    /** To the second, from above. */
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

    private static List<Outcome> worlds(List<Token> tokens, boolean breaking) {
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

        Map<Replica, Asked> lastWords = new HashMap<>();
        apiServer.asked.stream()
                .filter(asked -> !(asked.outcome() instanceof ProbeOutcome.Unreachable))
                .filter(asked ->
                        asked.at().isBefore(world.guardian.tokenStatus().at()))
                .forEach(asked -> lastWords.put(asked.replica(), asked));
        return new Outcome(
                seed, world.guardian.tokenStatus().at(), world.current(), replicas, lastWords, apiServer.asked.size());
    }

    /** One to four, with clocks minutes off that drift by up to 50 ppm and are set, some of them, during the wait. */
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
