package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.Sample;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The guardian samples the clocks of the replicas even if no other probe is due. */
class ClockSamplesTest {
    /** Each of three replicas is sampled in turn. */
    private static final Duration SHOWN_WITHIN = Pace.BETWEEN_SAMPLES.multipliedBy(3);

    private static final Duration HOUR = Duration.ofHours(1);

    private final Replica first = new Replica("a", Duration.ZERO);
    private final Replica second = new Replica("b", Duration.ZERO);
    private final Replica third = new Replica("c", Duration.ZERO);

    /** A token that is valid by every clock in these tests. */
    private final Token old = TestTokens.issuedAt(
                    NOON.truncatedTo(ChronoUnit.SECONDS).minus(HOUR))
            .expiresAt(NOON.plus(HOUR.multipliedBy(24)))
            .token();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 16, 18, 33, 59})
    void aClockStepIsShownInItsReplicasOnlyRowByTheSamples(int secondsBefore) {
        World world = World.of(first, second, third).read(old).runUntilAccepted();
        world.runFor(Duration.ofSeconds(secondsBefore));

        for (int offset : List.of(-400, -75, -500, 0)) {
            second.offset = Duration.ofSeconds(offset);
            world.runFor(SHOWN_WITHIN);

            assertThat(rows(world)).isEqualTo(List.of("a accepted", "b accepted", "c accepted"));
            assertThat(isShown(world, first, 0)).isTrue();
            assertThat(isShown(world, second, offset)).isTrue();
            assertThat(isShown(world, third, 0)).isTrue();
            assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
        }
    }

    @Test
    void theFirstSamplesOfManyPodsThatStartTogetherAreSpread() {
        List<Long> seconds = LongStream.range(0, 200)
                .map(seed -> {
                    SimulatedTime time = new SimulatedTime(NOON);
                    SimulatedApiServer apiServer = SimulatedApiServer.inTurn(time, first, second, third);
                    World world = new World(time, apiServer, new SplittableRandom(seed)::nextDouble)
                            .read(old)
                            .runUntilAccepted();
                    world.runFor(Duration.ofMillis(100));
                    int before = world.apiServer.connections;
                    Instant start = world.time.now();
                    while (world.apiServer.connections == before) {
                        world.runFor(Duration.ofSeconds(1));
                    }
                    return Duration.between(start, world.time.now()).toSeconds();
                })
                .sorted()
                .boxed()
                .toList();

        assertThat(seconds.get(20)).isBetween(20L, 45L);
        assertThat(seconds.get(100)).isBetween(130L, 170L);
        assertThat(seconds.get(199)).isBetween(280L, 301L);
    }

    /** The page reads the status every two seconds. */
    @Test
    void aWatchedClockIsReadOnceASecondOverOneConnection() {
        World world = World.of(first).read(old).runUntilAccepted();
        int connections = world.apiServer.connections;
        watch(world, Duration.ofSeconds(2));
        int before = world.apiServer.asked.size();

        for (int i = 0; i < 15; i++) {
            first.offset = Duration.ofSeconds(i * 400L);
            world.runFor(Duration.ofSeconds(2));
            world.guardian.shownStatus();

            assertThat(isShown(world, first, i * 400)).isTrue();
        }

        assertThat(world.apiServer.connections - connections).isEqualTo(1);
        assertThat(world.apiServer.open).isEqualTo(1);
        assertThat(world.apiServer.asked.size() - before).isBetween(30, 34);
    }

    @Test
    void aWatchedConnectionThatIsLostIsReplacedAfterASecond() {
        World world = World.of(first).read(old).runUntilAccepted();
        watch(world, Duration.ofSeconds(1));
        world.runFor(Duration.ofMillis(100));
        int connections = world.apiServer.connections;
        world.apiServer.breakConnections();

        for (int i = 0; i < 4; i++) {
            world.runFor(Duration.ofSeconds(1));
            world.guardian.shownStatus();
        }

        assertThat(world.apiServer.connections - connections).isEqualTo(1);
    }

    @Test
    void aRefusalOverTheWatchedConnectionCounts() {
        World world = World.of(first).read(old).runUntilAccepted();
        watch(world, Duration.ofSeconds(1));
        world.runFor(Duration.ofMillis(100));
        first.offset = HOUR.multipliedBy(-2);

        world.runFor(Duration.ofSeconds(1));

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void theStatusIsNotWatchedByAReaderThatReturnsLater() {
        World world = World.of(first, second, third).read(old).runUntilAccepted();
        world.runFor(Duration.ofMinutes(10));
        int before = world.apiServer.asked.size();

        for (int i = 0; i < 20; i++) {
            world.guardian.shownStatus();
            world.runFor(Guardian.WATCHED);
        }

        assertThat(world.apiServer.asked.size() - before).isLessThanOrEqualTo(1); // as without a reader
    }

    @Test
    void theSamplesOfAWatchedStatusEndWithItsReader() {
        World world = World.of(first, second, third).read(old).runUntilAccepted();
        watch(world, Duration.ofSeconds(1));
        world.runFor(Guardian.WATCHED);
        int before = world.apiServer.asked.size();

        world.runFor(Duration.ofSeconds(10));

        assertThat(world.apiServer.asked.size() - before).isLessThanOrEqualTo(1);
        assertThat(world.apiServer.open).isZero();
    }

    /** The command {@code wait} reads the status ten times a second. */
    @Test
    void aStatusThatIsReadUntilTheTokenIsAcceptedCausesNoSamples() {
        second.offset = Duration.ofMinutes(-2);
        Token early = TestTokens.issuedAt(NOON.truncatedTo(ChronoUnit.SECONDS)).token();
        World read = World.of(first, second, third).read(early);
        World unread = World.of(first, second, third).read(early);

        while (!read.guardian.shownStatus().isAccepted()) {
            read.runFor(Duration.ofMillis(100));
            unread.runFor(Duration.ofMillis(100));
        }
        read.runFor(Guardian.WATCHED);
        unread.runFor(Guardian.WATCHED);

        assertThat(read.apiServer.connections).isEqualTo(unread.apiServer.connections);
    }

    @Test
    void aReaderThatBeginsToWatchWakesTheGuardian() {
        World world = World.of(first).read(old).runUntilAccepted();
        AtomicInteger wakes = new AtomicInteger();
        world.guardian.onWake(wakes::incrementAndGet);

        for (int i = 0; i < 5; i++) {
            world.guardian.shownStatus();
        }

        assertThat(wakes).hasValue(1);
    }

    /** Reads the status twice. */
    private static void watch(World world, Duration pause) {
        world.guardian.shownStatus();
        world.runFor(pause);
        world.guardian.shownStatus();
    }

    @Test
    void aClockSetBackBeforeTheWindowIsFoundByTheSamples() {
        World world = World.of(first, second, third).read(old).runUntilAccepted();
        second.offset = HOUR.multipliedBy(-2);

        world.runFor(SHOWN_WITHIN);

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
        assertThat(world.guardian.tokenStatus().isUsable()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 32", "0.5, 1, 21", "0.5, 2, 21", "0.5, 9, 21", "0.99999, 1, 16"})
    void theTimeBetweenSamplesIsRandomHoweverManyReplicasThereAre(double chance, int replicas, int connections) {
        World world = drawing(chance, replicas(replicas)).read(old).runUntilAccepted();

        assertThat(connectionsInTwoHours(world)).isBetween(connections - 1, connections);
    }

    @ParameterizedTest
    @CsvSource({"3, 0, 0", "2, 4, 12"})
    void onlyAReplicaIsSampledWhoseClockTheProxysResponsesDoNotShow(int reached, int least, int most) {
        World world = drawing(0.5, first, second, third).read(old).runUntilAccepted();
        int before = world.apiServer.connections;

        for (int minute = 0; minute < 60; minute++) {
            reportResponses(world, List.of(first, second, third).subList(0, reached));
            world.runFor(Duration.ofMinutes(1));
        }

        assertThat(world.apiServer.connections - before).isBetween(least, most);
    }

    /** Reports responses of these replicas to the proxy. */
    private static void reportResponses(World world, List<Replica> replicas) {
        Instant now = world.time.now();
        for (Replica each : replicas) {
            Instant date = each.clock(now).truncatedTo(ChronoUnit.SECONDS);
            world.guardian.onAnswer(Answers.date(
                    SimulatedApiServer.ADDRESS, each.certificate, new Sample(now.minusMillis(1), now, date)));
        }
    }

    @Test
    void keptTokensCostNoSamples() {
        World world = drawing(0.5, first).read(old).runUntilAccepted();
        world.read(TestTokens.issuedAt(NOON.truncatedTo(ChronoUnit.SECONDS)).token())
                .runFor(Duration.ofMinutes(1));

        assertThat(connectionsInTwoHours(world)).isBetween(20, 21);
    }

    private static int connectionsInTwoHours(World world) {
        int before = world.apiServer.connections;
        world.runFor(HOUR.multipliedBy(2));
        return world.apiServer.connections - before;
    }

    /** Makes a world whose random number is always {@code chance}. */
    private static World drawing(double chance, Replica... replicas) {
        SimulatedTime time = new SimulatedTime(NOON);
        SimulatedApiServer apiServer = SimulatedApiServer.inTurn(time, replicas);
        return new World(time, apiServer, () -> chance);
    }

    @Test
    void noClockIsSampledWhileNoReplicaAcceptsTheToken() {
        Token early = TestTokens.issuedAt(NOON.truncatedTo(ChronoUnit.SECONDS).plusSeconds(700))
                .token();
        World world = World.of(first).read(early).runFor(Duration.ofSeconds(1));
        int before = world.apiServer.connections;

        world.runFor(Duration.ofSeconds(10));

        assertThat(world.apiServer.connections).isEqualTo(before);
    }

    private static Replica[] replicas(int count) {
        return Stream.iterate(1, i -> i + 1)
                .limit(count)
                .map(i -> new Replica("replica-" + i, Duration.ZERO))
                .toArray(Replica[]::new);
    }

    /** Returns the certificate and finding of each displayed replica. */
    private static List<String> rows(World world) {
        return world.guardian.tokenStatus().replicas().stream()
                .map(replica -> replica.certificate() + " " + replica.finding().word())
                .toList();
    }

    private static boolean isShown(World world, Replica replica, int offset) {
        TokenStatus status = world.guardian.tokenStatus();
        return status.replicas().stream()
                .filter(row -> replica.certificate.equals(row.certificate()))
                .allMatch(row -> Objects.requireNonNull(row.clock())
                        .boundsAt(status.at())
                        .contains(Duration.ofSeconds(offset)));
    }
}
