package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a rotation costs, and when it begins. */
class RotatedTokenTest {
    private static final Duration LIFETIME = Duration.ofMinutes(62);

    private static Token issuedAt(Instant at) {
        return TestTokens.issuedAt(at.truncatedTo(ChronoUnit.SECONDS))
                .expiresAt(at.plus(LIFETIME))
                .token();
    }

    /** The random number is {@code chance}, and connections reach these replicas by lot. */
    private static World world(double chance, long seed, List<Replica> replicas) {
        SplittableRandom dealer = new SplittableRandom(seed);
        SimulatedTime time = new SimulatedTime(NOON);
        SimulatedApiServer apiServer = new SimulatedApiServer(
                time, replicas, () -> dealer.nextInt(replicas.size()), () -> Duration.ofNanos(500_000));
        return new World(time, apiServer, () -> chance);
    }

    private static List<Replica> three() {
        return List.of(
                new Replica("a", Duration.ZERO), new Replica("b", Duration.ZERO), new Replica("c", Duration.ZERO));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.5, 5000", "0.9, 9000"})
    void theFirstProbeOfARotatedTokenIsDelayedByUpToTenSeconds(double chance, int millis) {
        World world = world(chance, 0, three()).read(issuedAt(NOON)).runUntilAccepted();
        world.runFor(Duration.ofMinutes(41));
        Instant read = world.time.now();
        int before = world.apiServer.asked.size();

        world.read(issuedAt(read)).runFor(Duration.ofSeconds(11));

        assertThat(world.apiServer.asked.get(before).at())
                .isBetween(read.plusMillis(millis), read.plusMillis(millis + 5));
    }

    /** The window of the old token ends a minute after its end, because of the leeway. */
    @ParameterizedTest
    @CsvSource({"-1, 0", "0, 0", "1, 5000"})
    void aTokenIsProbedAtOnceIfThePreviousTokenEndsWithinAMinute(int secondsMore, int millis) {
        Token old = issuedAt(NOON);
        World world = world(0.5, 0, three()).read(old).runUntilAccepted();
        Instant read = NOON.plus(LIFETIME).minusSeconds(secondsMore);
        world.runFor(Duration.between(world.time.now(), read));
        int before = world.apiServer.asked.size();

        world.read(issuedAt(read)).runFor(Duration.ofSeconds(6));

        assertThat(world.apiServer.asked.get(before).at())
                .isBetween(read.plusMillis(millis), read.plusMillis(millis + 5));
    }

    @Test
    void aRotatedTokenIsProbedAtOnceIfTheOldTokenIsRefused() {
        Token old = issuedAt(NOON);
        List<Replica> replicas = three();
        World world = world(0.9, 0, replicas).read(old).runUntilAccepted();
        world.runFor(Duration.ofMinutes(41));
        replicas.forEach(replica -> replica.unknown.add(old));
        Token rotated = issuedAt(world.time.now());

        world.read(rotated).guardian.onAnswer(Answers.refused(old, Finding.REFUSED, false));
        world.runFor(Duration.ofSeconds(1));

        assertThat(world.current()).isEqualTo(rotated);
        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void aRotatedTokenIsAcceptedOnceEachKnownReplicaHasAcceptedIt() {
        List<Integer> connections = LongStream.range(0, 200)
                .mapToObj(seed -> {
                    World world = world(0, seed, three()).read(issuedAt(NOON)).runUntilAccepted();
                    world.runFor(Duration.ofMinutes(48));
                    int before = world.apiServer.connections;
                    Token rotated = issuedAt(world.time.now());
                    world.read(rotated).runFor(Duration.ofSeconds(1));
                    assertThat(world.current()).isEqualTo(rotated);
                    return world.apiServer.connections - before;
                })
                .toList();

        assertThat(connections).allMatch(each -> each >= 3 && each <= 31);
        // Three of three are drawn with 5.5 draws on average. Some are drawn in parallel.
        assertThat(connections.stream().mapToInt(each -> each).average().orElseThrow())
                .isBetween(5.0, 7.0);
    }

    /** A replica may not know a young token's account yet, so its refusal is confirmed first. */
    @Test
    void noConnectionsAreOpenedInParallelWhileARefusalIsToBeConfirmed() {
        List<Integer> connections = LongStream.range(0, 200)
                .mapToObj(seed -> {
                    List<Replica> replicas = three();
                    World world = world(0, seed, replicas).read(issuedAt(NOON)).runUntilAccepted();
                    world.runFor(Duration.ofMinutes(48));
                    Token rotated = issuedAt(world.time.now());
                    replicas.get(1).unknown.add(rotated);
                    int before = world.apiServer.connections;
                    world.read(rotated).runFor(Duration.ofSeconds(1));
                    return world.apiServer.connections - before;
                })
                .toList();

        assertThat(connections).allMatch(each -> each <= 20);
    }

    @Test
    void aKnownReplicaThatHasLeftDelaysNoRotation() {
        List<Replica> replicas = three();
        World world = world(0, 1, replicas).read(issuedAt(NOON)).runUntilAccepted();
        world.apiServer.leave(replicas.get(2));
        Token rotated = issuedAt(world.time.now().plus(Duration.ofMinutes(20)));

        world.runFor(Duration.ofMinutes(20)).read(rotated).runFor(Duration.ofSeconds(1));

        assertThat(world.current()).isEqualTo(rotated);
    }

    @Test
    void aRotatedTokenWaitsForTheKnownReplicaThatRefusesIt() {
        int early = 0;
        for (int seed = 0; seed < 200; seed++) {
            List<Replica> replicas = three();
            World world = world(0, seed, replicas).read(issuedAt(NOON)).runUntilAccepted();
            world.runFor(Duration.ofMinutes(48));
            replicas.get(1).offset = Duration.ofMinutes(-2);
            Token rotated = issuedAt(world.time.now());
            world.read(rotated).runFor(Duration.ofSeconds(30));
            early += world.current().equals(rotated) ? 1 : 0;
        }

        assertThat(early).isZero();
    }

    @Test
    void aReplicaThatWasNotReachedForAnHourDelaysARotation() {
        int early = 0;
        for (int seed = 0; seed < 100; seed++) {
            List<Replica> replicas = three();
            SplittableRandom dealer = new SplittableRandom(seed);
            int[] reached = {3};
            SimulatedTime time = new SimulatedTime(NOON);
            SimulatedApiServer apiServer = new SimulatedApiServer(
                    time, replicas, () -> dealer.nextInt(reached[0]), () -> Duration.ofNanos(500_000));
            Token old = TestTokens.issuedAt(NOON.truncatedTo(ChronoUnit.SECONDS))
                    .expiresAt(NOON.plus(Duration.ofHours(24)))
                    .token();
            World world = new World(time, apiServer, () -> 0.5).read(old).runUntilAccepted();
            reached[0] = 2;
            world.runFor(Duration.ofHours(1).plus(Pace.BETWEEN_SAMPLES.multipliedBy(2)));
            reached[0] = 3;
            replicas.get(2).offset = Duration.ofMinutes(-2);
            Token rotated = issuedAt(world.time.now());
            world.read(rotated).runFor(Duration.ofSeconds(30));
            early += world.current().equals(rotated) ? 1 : 0;
        }

        assertThat(early).isLessThan(10);
    }
}
