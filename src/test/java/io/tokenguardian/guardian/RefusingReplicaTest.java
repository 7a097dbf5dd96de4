package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.guardian.SimulatedApiServer.Probe;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One of three replicas refuses an accepted token for good, as with another key set. Connections are dealt by lot. */
class RefusingReplicaTest {
    private final Replica wrong = new Replica("wrong", Duration.ZERO);
    private final Token token = issued(NOON.minusSeconds(3600), Duration.ofHours(25));

    private static Token issued(Instant at, Duration lifetime) {
        return TestTokens.issuedAt(at.truncatedTo(ChronoUnit.SECONDS))
                .expiresAt(at.plus(lifetime))
                .token();
    }

    private World accepted(long seed) {
        wrong.unknown.clear();
        return accepted(seed, token);
    }

    private World accepted(long seed, Token first) {
        return World.dealt(seed, new Replica("a", Duration.ZERO), new Replica("b", Duration.ZERO), wrong)
                .read(first)
                .runUntilAccepted();
    }

    /** Reports a refusal by the replica, as the proxy does. */
    private void reportRefusal(World world, Token inUse) {
        world.guardian.onAnswer(Answers.refused(inUse, Finding.REFUSED, false, wrong.certificate));
    }

    /** Makes a world in which the guardian knows of the refusal. */
    private World refusing(long seed) {
        return refused(accepted(seed), token);
    }

    private World refused(World world, Token inUse) {
        wrong.unknown.add(inUse);
        while (!(world.verdict() instanceof Verdict.Refused)) {
            reportRefusal(world, inUse);
            world.runFor(Duration.ofSeconds(1));
        }
        return world;
    }

    /** The proxy may keep its connections to the other replicas, so one report must be enough. */
    @Test
    void oneReportOfTheProxyIsEnoughToKnowTheReplica() {
        List<Long> missed = LongStream.range(0, 100)
                .filter(seed -> {
                    World world = accepted(seed);
                    wrong.unknown.add(token);
                    reportRefusal(world, token);
                    return !(world.runFor(Duration.ofSeconds(10)).verdict() instanceof Verdict.Refused);
                })
                .boxed()
                .toList();

        assertThat(missed).as("the seeds with a verdict that is still accepted").isEmpty();
    }

    @Test
    void aRefusalThatIsNotRepeatedCostsFewConnections() {
        List<Integer> connections = LongStream.range(0, 100)
                .mapToObj(seed -> {
                    World world = accepted(seed);
                    int before = world.apiServer.connections;
                    reportRefusal(world, token);
                    world.runFor(Duration.ofSeconds(10));
                    assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
                    return world.apiServer.connections - before;
                })
                .toList();

        assertThat(connections).allMatch(each -> each <= TokenTerms.connectionsToRuleOut(3));
        // One of three replicas is reached after three connections on average.
        assertThat(connections.stream().mapToInt(each -> each).average().orElseThrow())
                .isLessThan(4);
    }

    @Test
    void aReportOfAKnownRefusalCostsNoConnection() {
        World world = refusing(0).runFor(Duration.ofMinutes(1));
        int before = world.apiServer.connections;

        reportRefusal(world, token);
        world.runFor(Duration.ofSeconds(1));

        assertThat(world.apiServer.connections).isEqualTo(before);
    }

    /** The kept connection to the known replica does not show it. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4})
    void theTokenIsNotUsableOnceTheProxyFindsThatAllRefuse(long seed) {
        Replica other = new Replica("other", Duration.ZERO);
        World world = World.dealt(seed, other, wrong).read(token).runUntilAccepted();
        refused(world, token);
        other.unknown.add(token);

        world.guardian.onAnswer(Answers.refused(token, Finding.REFUSED, true, "other"));
        world.runFor(Duration.ofSeconds(5));

        assertThat(world.guardian.tokenStatus().isUsable()).isFalse();
    }

    @Test
    void aRefusalCostsFewConnectionsWhileItsConnectionLasts() {
        List<Integer> connections = LongStream.range(0, 100)
                .mapToObj(seed -> {
                    World world = refusing(seed);
                    int before = world.apiServer.connections;
                    world.runFor(Duration.ofMinutes(25));
                    assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);
                    assertThat(world.guardian.tokenStatus().isUsable()).isTrue();
                    return world.apiServer.connections - before;
                })
                .toList();

        // Some samples, each of which may reach the refusing replica and then looks for another.
        assertThat(connections).allMatch(each -> each <= 20);
        assertThat(connections.stream().mapToInt(each -> each).average().orElseThrow())
                .isLessThan(10);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4})
    void theTokenIsAcceptedAgainWithinHalfAMinuteOfTheReplicasAcceptance(long seed) {
        World world = refusing(seed).runFor(Duration.ofMinutes(3));

        wrong.unknown.clear();
        world.runFor(Duration.ofSeconds(31));

        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4})
    void theTokenIsAcceptedAgainWithinHalfAMinuteOfTheReplicasRestart(long seed) {
        World world = refusing(seed).runFor(Duration.ofMinutes(3));

        wrong.unknown.clear();
        world.apiServer.breakConnections();
        world.runFor(Duration.ofSeconds(32));

        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void afterItsRestartOnlyTheRefusingReplicaHasToAcceptAgain() {
        double mean = LongStream.range(0, 200)
                .mapToInt(seed -> {
                    World world = accepted(seed, issued(NOON, Duration.ofMinutes(50)));
                    Token rotated = issued(NOON.plus(Duration.ofMinutes(48)), Duration.ofMinutes(50));
                    world.runFor(Duration.ofMinutes(48)).read(rotated).runFor(Duration.ofMinutes(4)); // the first ends
                    refused(world, rotated);
                    int before = world.apiServer.connections;
                    wrong.unknown.clear();
                    world.apiServer.breakConnections();
                    world.runFor(Duration.ofSeconds(32));
                    assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
                    return world.apiServer.connections - before;
                })
                .average()
                .orElseThrow();

        // Three confirmations, or as many as it takes to draw that replica: 3.9 on average. To draw all three takes
        // 5.5.
        assertThat(mean).isBetween(3.0, 4.5);
    }

    /** The replica's connections stay open. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4})
    void aStartWaitsAtMostThreeMinutesForAReplicaThatHasLeft(long seed) {
        Token fresh = issued(NOON, Duration.ofHours(24));
        wrong.unknown.add(fresh);
        World world = World.dealt(seed, new Replica("a", Duration.ZERO), new Replica("b", Duration.ZERO), wrong)
                .read(fresh)
                .runFor(Duration.ofSeconds(30));
        assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);

        world.apiServer.leaveOpen(wrong);
        world.runFor(Duration.ofMinutes(3).minusSeconds(30));

        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
    }

    /** No pod waits for it, and the fleet's tokens are rotated while the replica refuses. */
    @Test
    void aRotatedTokenKeepsTheConnectionOfARefusingReplicaForLonger() {
        double mean = LongStream.range(0, 50)
                .mapToInt(seed -> {
                    World world = accepted(seed);
                    Token rotated = issued(NOON, Duration.ofHours(24));
                    wrong.unknown.add(rotated);
                    world.read(rotated).runFor(Duration.ofSeconds(30));
                    int before = world.apiServer.connections;
                    world.runFor(Duration.ofMinutes(10));
                    return world.apiServer.connections - before;
                })
                .average()
                .orElseThrow();

        assertThat(mean).as("the samples of the token in use").isBetween(1.0, 4.0);
    }

    @Test
    void aRefusedStartOpensEightConnectionsAtATime() {
        wrong.unknown.add(token);
        World starting = World.of(wrong).read(token);

        starting.runFor(Duration.ofSeconds(1));

        assertThat(probesAtOnce(starting)).startsWith(1, 8);
    }

    @Test
    void aRefusedRotatedTokenOpensOneConnectionAtATimeAtFirst() {
        World running = World.of(wrong).read(token).runUntilAccepted();
        Token rotated = issued(NOON, Duration.ofHours(24));
        wrong.unknown.add(rotated);
        running.apiServer.asked.clear();

        running.read(rotated).runFor(Duration.ofSeconds(15));

        assertThat(probesAtOnce(running)).startsWith(1, 1, 2);
    }

    /** Returns how many probes arrived at the same time, for each time of arrival. */
    private static List<Integer> probesAtOnce(World world) {
        return world.apiServer.asked.stream()
                .collect(Collectors.groupingBy(Probe::at, TreeMap::new, Collectors.summingInt(each -> 1)))
                .values()
                .stream()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4})
    void aReplicaThatHasLeftIsGivenUpIfItsConnectionShowsNothing(long seed) {
        World world = refusing(seed).runFor(Duration.ofMinutes(3));
        wrong.instead = new ProbeOutcome.Unavailable("503", null);
        world.apiServer.leaveOpen(wrong);
        world.runFor(Duration.ofMinutes(2));
        assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);

        world.runFor(Duration.ofMinutes(10));

        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void anAcceptanceThatTheProxyReceivesEndsTheRefusalOfAll() {
        Replica only = new Replica("only", Duration.ZERO);
        World world = World.of(only).read(token).runUntilAccepted();
        only.unknown.add(token);
        reportRefusal(world, token);
        world.runFor(Duration.ofMinutes(5));
        assertThat(world.guardian.tokenStatus().isUsable()).isFalse();
        only.unknown.clear();

        world.guardian.onAnswer(Answers.to(token, Finding.ACCEPTED, null, world.time.now()));
        world.runFor(Duration.ofMillis(100));

        assertThat(world.guardian.tokenStatus().isUsable()).isTrue();
    }
}
