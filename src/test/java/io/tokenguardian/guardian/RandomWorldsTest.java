package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
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
     * @param early whether an observed replica still refuses at {@code ready}
     */
    private record Outcome(int seed, Instant started, Instant due, Instant ready, boolean early) {}

    private static List<Outcome> outcomes = List.of();

    @BeforeAll
    static void runTheWorlds() {
        outcomes = IntStream.range(0, WORLDS).mapToObj(RandomWorldsTest::run).toList();
    }

    @Test
    void readyIsNeverEarlyForAnObservedReplicaThatRefused() {
        assertThat(outcomes).noneMatch(Outcome::early);
    }

    /**
     * A probe every 20 ms, then up to eight round trips of at most 12.5 ms: one for that probe, one for the prepared
     * connections, and three for each of two series of new connections. The second series is needed if the first
     * reaches another replica.
     */
    @Test
    void readyComesWithin120MillisecondsOfTheLastReplicasAcceptance() {
        List<Outcome> waited = outcomes.stream()
                .filter(outcome -> outcome.due().isAfter(outcome.started().plus(ROW_COMPLETE)))
                .toList();

        assertThat(waited).hasSizeGreaterThan(WORLDS / 5);
        assertThat(waited)
                .allSatisfy(outcome -> assertThat(outcome.ready())
                        .isBeforeOrEqualTo(outcome.due().plusMillis(120)));
    }

    private static Outcome run(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedTime time = new SimulatedTime(World.NOON.plusNanos(random.nextLong(1_000_000_000)));
        List<Replica> replicas = replicas(random);
        Replica issuer = replicas.get(random.nextInt(replicas.size()));
        Instant issuedAt = issuer.clock(time.now()).truncatedTo(ChronoUnit.SECONDS);
        time.advance(Duration.ofMillis(random.nextLong(90_000)));
        Token token = TestTokens.issuedAt(issuedAt).token();
        SimulatedApiServer apiServer =
                new SimulatedApiServer(time, replicas, selection(random, replicas.size()), latency(random));
        World world = new World(time, apiServer, apiServer, random::nextDouble).read(token);
        Instant started = time.now();
        Instant ready = world.runUntilAccepted().guardian.tokenStatus().at();
        return new Outcome(
                seed,
                started,
                apiServer.seenRefusing.stream()
                        .map(replica -> World.acceptableTo(replica, token))
                        .max(Instant::compareTo)
                        .orElse(Instant.MIN),
                ready,
                apiServer.seenRefusing.stream().anyMatch(replica -> !replica.accepts(token, ready)));
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

    /** Returns a latency of 0.1 to 5 ms one way, with jitter. */
    private static Supplier<Duration> latency(SplittableRandom random) {
        SplittableRandom jitter = random.split();
        long base = random.nextLong(100_000, 5_000_000);
        return () -> Duration.ofNanos(base + jitter.nextLong(base / 4));
    }
}
