package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.Sample;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The guardian samples the clocks of the replicas even if no other probe is due. */
class ClockSamplesTest {
    private static final Duration SHOWN_WITHIN = Duration.ofSeconds(60);
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
    void aClockStepIsShownInItsReplicasOnlyRowWithinAMinute(int secondsBefore) {
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
    void aClockStepIsShownWithTheNextDateOfAProxyResponse() {
        World world = World.of(first, second, third).read(old).runUntilAccepted();
        for (int offset : List.of(-400, -75, -500, 0)) {
            second.offset = Duration.ofSeconds(offset);
            world.runFor(Duration.ofSeconds(1));
            Instant now = world.time.now();
            Instant date = second.clock(now).truncatedTo(ChronoUnit.SECONDS);

            world.guardian.onAnswer(
                    Answers.date(SimulatedApiServer.ADDRESS, "b", new Sample(now.minusMillis(1), now, date)));
            world.guardian.runOnce();

            assertThat(rows(world)).isEqualTo(List.of("a accepted", "b accepted", "c accepted"));
            assertThat(isShown(world, second, offset)).isTrue();
        }
    }

    /** No other event wakes the guardian for five minutes. */
    @Test
    void aSampleFollowsTheAcceptanceWithinAMinute() {
        World world = World.of(first, second, third).read(old);
        Instant next = world.time.now();

        while (!world.guardian.tokenStatus().isAccepted()) {
            world.time.advanceToNext(next, Duration.ZERO, next);
            next = world.guardian.runOnce();
        }

        assertThat(next).isBefore(world.time.now().plus(SHOWN_WITHIN));
    }

    @Test
    void aClockStepIsShownWithinASecondWhileTheStatusIsWatched() {
        World world = World.of(first, second, third).read(old).runUntilAccepted();
        watch(world, Guardian.WATCHED.minusNanos(1));
        for (int offset : List.of(-400, -75, -500, 0)) {
            second.offset = Duration.ofSeconds(offset);

            world.runFor(Duration.ofSeconds(1));

            assertThat(rows(world)).isEqualTo(List.of("a accepted", "b accepted", "c accepted"));
            assertThat(isShown(world, second, offset)).isTrue();
            world.guardian.shownStatus();
        }
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

        assertThat(world.apiServer.asked.size() - before).isLessThanOrEqualTo(2 * 3 + 1); // as without a reader
    }

    @Test
    void theSamplesOfAWatchedStatusEndWithItsReader() {
        World world = World.of(first, second, third).read(old).runUntilAccepted();
        watch(world, Duration.ofSeconds(1));
        world.runFor(Guardian.WATCHED);
        int before = world.apiServer.asked.size();

        world.runFor(Duration.ofSeconds(10));

        assertThat(world.apiServer.asked.size() - before).isLessThanOrEqualTo(1);
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
    void aClockSetBackBeforeTheWindowIsFoundWithinAMinute() {
        World world = World.of(first, second, third).read(old).runUntilAccepted();
        second.offset = HOUR.multipliedBy(-2);

        world.runFor(SHOWN_WITHIN);

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
        assertThat(world.guardian.tokenStatus().isUsable()).isTrue();
    }

    /** The random value is always 0.5 in these worlds, so each pause is an eighth shorter. */
    @ParameterizedTest
    @CsvSource({"1, 72", "2, 144", "3, 217", "4, 217", "9, 217"})
    void theNumberOfProbesGrowsWithTheCertificatesUpToThree(int replicas, int probes) {
        World world = World.of(replicas(replicas)).read(old).runUntilAccepted();
        world.runFor(Duration.ofMinutes(10));
        int before = world.apiServer.asked.size();

        world.runFor(HOUR);

        assertThat(world.apiServer.asked.size() - before).isBetween(probes - 1, probes);
    }

    @Test
    void replicasThatShareACertificateAreProbedLikeASingleReplica() {
        World world = World.of(new Replica("one", Duration.ZERO), new Replica("one", Duration.ZERO))
                .read(old)
                .runUntilAccepted();
        int before = world.apiServer.asked.size();

        world.runFor(HOUR);

        assertThat(world.apiServer.asked.size() - before).isBetween(71, 72);
    }

    @Test
    void keptTokensCostNoAdditionalSamples() {
        World world = World.of(first).read(old).runUntilAccepted();
        world.read(TestTokens.issuedAt(NOON.truncatedTo(ChronoUnit.SECONDS)).token())
                .runFor(Duration.ofSeconds(1));
        int before = world.apiServer.asked.size();

        world.runFor(HOUR);

        // One probe a minute, and one probe of the kept token every five minutes.
        assertThat(world.apiServer.asked.size() - before).isBetween(72 + 11, 72 + 12);
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
