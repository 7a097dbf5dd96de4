package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Probe;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Readiness is never early and at most slightly late, in 1,000 seeded worlds of simulated time. */
@Tag("slow")
@Tag("simulation")
class RandomWorldsTest {
    private static final int WORLDS = 1_000;

    /** The time after which the first connections to all replicas are certain to have been made. */
    private static final Duration ROW_COMPLETE = Duration.ofSeconds(1);

    /**
     * The result of one world.
     *
     * @param due when the last replica that was observed to refuse begins to accept; {@link Instant#MIN} if none was
     * @param latest when the guardian is ready at the latest
     * @param early whether an observed replica still refuses at {@code ready}, and is not taken for one that accepts
     */
    private record Outcome(int seed, Instant started, Instant due, Instant latest, Instant ready, boolean early) {}

    private static List<Outcome> outcomes = List.of();

    @BeforeAll
    static void runTheWorlds() {
        outcomes = IntStream.range(0, WORLDS).mapToObj(RandomWorldsTest::run).toList();
    }

    @Test
    void readyIsNeverEarlyForAnObservedReplicaThatRefused() {
        assertThat(outcomes).noneMatch(Outcome::early);
    }

    @Test
    void readyComesWithinItsRoundTripsOfTheLastReplicasAcceptance() {
        List<Outcome> waited = outcomes.stream()
                .filter(outcome -> outcome.due().isAfter(outcome.started().plus(ROW_COMPLETE)))
                .toList();

        assertThat(waited).hasSizeGreaterThan(WORLDS / 5);
        assertThat(waited).allSatisfy(outcome -> assertThat(outcome.ready()).isBeforeOrEqualTo(outcome.latest()));
    }

    private static Outcome run(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedTime time = new SimulatedTime(World.NOON.plusNanos(random.nextLong(1_000_000_000)));
        List<Replica> replicas = replicas(random);
        Replica issuer = replicas.get(random.nextInt(replicas.size()));
        Instant issuedAt = issuer.clock(time.now()).truncatedTo(ChronoUnit.SECONDS);
        time.advance(Duration.ofMillis(random.nextLong(90_000)));
        Token token = TestTokens.issuedAt(issuedAt).token();
        IntSupplier selection = selection(random, replicas.size());
        SplittableRandom jitter = random.split();
        long oneWay = random.nextLong(100_000, 5_000_000);
        SimulatedApiServer apiServer = new SimulatedApiServer(
                time, replicas, selection, () -> Duration.ofNanos(oneWay + jitter.nextLong(oneWay / 4)));
        World world = new World(time, apiServer, random::nextDouble).read(token);
        Instant started = time.now();
        Instant ready = world.runUntilAccepted().guardian.tokenStatus().at();
        Instant due = apiServer.seenRefusing.stream()
                .map(replica -> World.acceptableTo(replica, token))
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
        Set<Replica> refused = apiServer.seenRefusing;
        boolean early = refused.stream()
                .anyMatch(one -> refused.stream().noneMatch(each -> each.accepts(token, ready) && areOne(one, each)));
        // At due, the last refusal may be under way. A pause of at most 25 ms follows, then a round trip to that
        // replica, and three for each of two series of new connections: a single one, and the others. Each replica that
        // is observed only then may require another series. The thread wakes up slightly late.
        long oneWays = 1 + 2 + 6 * (2 + observed(apiServer, ready) - observed(apiServer, due));
        return new Outcome(seed, started, due, due.plusMillis(26).plusNanos(oneWay * 5 / 4 * oneWays), ready, early);
    }

    private static long observed(SimulatedApiServer apiServer, Instant until) {
        Stream<Probe> probes =
                apiServer.asked.stream().filter(probe -> !probe.at().isAfter(until));
        return probes.map(Probe::replica).distinct().count();
    }

    /** Whether the guardian takes two replicas for one (docs/decisions/verdict.md). */
    private static boolean areOne(Replica a, Replica b) {
        return a.certificate.equals(b.certificate) && Math.abs(a.offset.toMillis() - b.offset.toMillis()) < 2_000;
    }

    /** Returns one to five replicas. In half of the worlds they share a certificate, so they can't be told apart. */
    private static List<Replica> replicas(SplittableRandom random) {
        boolean shared = random.nextBoolean();
        List<Replica> replicas = new ArrayList<>();
        int count = random.nextInt(1, 6);
        for (int i = 0; i < count; i++) {
            Duration offset = Duration.ofMillis(random.nextLong(-180_000, 180_001));
            replicas.add(new Replica(shared ? "shared" : "certificate-" + i, offset));
        }
        return replicas;
    }

    private static IntSupplier selection(SplittableRandom random, int count) {
        SplittableRandom dealer = random.split();
        int[] turn = {dealer.nextInt(count)};
        return switch (dealer.nextInt(3)) {
            case 0 -> () -> turn[0]++ % count;
            case 1 -> () -> dealer.nextInt(count);
            default ->
                () -> {
                    if (dealer.nextInt(4) == 0) {
                        turn[0] = dealer.nextInt(count);
                    }
                    return turn[0];
                };
        };
    }
}
