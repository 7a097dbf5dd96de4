package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.TokenTerms;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Readiness is never early and at most slightly late, in 1,000 seeded worlds of simulated time. */
@Tag("slow")
@Tag("simulation")
class RandomWorldsTest {
    private static final int WORLDS = 1_000;
    private static final Instant START = Instant.parse("2026-03-01T12:00:00.123Z");
    private static final Duration GIVE_UP = Duration.ofMinutes(10);

    /** The time after which the first connections to all replicas are certain to have been made. */
    private static final Duration ROW_COMPLETE = Duration.ofSeconds(1);

    /** How late a waiting thread wakes up: never early, always slightly late. */
    private static final Duration OVERSLEEP = Duration.ofNanos(70_000);

    /** The result of one world. */
    private record Outcome(
            boolean accepted,
            boolean early,
            boolean missedOne,
            Duration late,
            boolean waited,
            int probes,
            String world) {}

    private static List<Outcome> threeConfirmations = List.of();

    @BeforeAll
    static void runTheWorlds() {
        threeConfirmations = worlds(3);
    }

    @Test
    void readyIsNeverEarlyForAnObservedReplicaThatRefused() {
        assertThat(threeConfirmations).allMatch(Outcome::accepted).noneMatch(Outcome::early);
    }

    /**
     * A probe every 20 ms, then up to eight round trips of at most 12.5 ms: one for that probe, one for the prepared
     * connections, and three for each of two series of new connections. The second series is needed if the first
     * reaches another replica.
     */
    @Test
    void readyComesWithin120MillisecondsOfTheLastReplicasAcceptance() {
        List<Outcome> waited =
                threeConfirmations.stream().filter(Outcome::waited).toList();

        assertThat(waited.size()).isGreaterThan(WORLDS / 5);
        assertThat(waited.stream().filter(outcome -> outcome.late().compareTo(Duration.ofMillis(120)) > 0))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8})
    void moreConfirmationsMissFewerUnobservedReplicas(int confirmations) {
        List<Outcome> outcomes = worlds(confirmations);

        long missed = outcomes.stream().filter(Outcome::missedOne).count();
        System.out.printf(
                "confirmations=%d: an unseen replica still refused in %d of %d worlds; probes: %s%n",
                confirmations,
                missed,
                WORLDS,
                outcomes.stream().mapToInt(Outcome::probes).summaryStatistics());
        assertThat(outcomes).noneMatch(Outcome::early);
    }

    private static List<Outcome> worlds(int confirmations) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int seed = 0; seed < WORLDS; seed++) {
            outcomes.add(run(seed, confirmations));
        }
        return outcomes;
    }

    private static Outcome run(int seed, int confirmations) {
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedTime time = new SimulatedTime(START.plusNanos(random.nextLong(1_000_000_000)));
        List<Replica> replicas = replicas(random);
        Replica issuer = replicas.get(random.nextInt(replicas.size()));
        Instant issuedAt = issuer.clock(time.now()).truncatedTo(ChronoUnit.SECONDS);
        time.advance(Duration.ofMillis(random.nextLong(90_000)));
        Token token = TestTokens.issuedAt(issuedAt).token();
        SimulatedApiServer apiServer =
                new SimulatedApiServer(time, replicas, selection(random, replicas.size()), latency(random));
        Guardian guardian = new Guardian(
                apiServer,
                new TokenTerms.AcceptancePolicy(SimulatedApiServer.LEEWAY, confirmations),
                time.timeline(),
                random::nextDouble,
                new TokenSource());
        guardian.onReading(new TokenReading.Present(token, time.now()));

        Instant started = time.now();
        Instant giveUp = started.plus(GIVE_UP);
        while (!guardian.tokenStatus().isAccepted() && time.now().isBefore(giveUp)) {
            time.advanceToNext(guardian.runOnce(), OVERSLEEP, giveUp);
        }
        return outcome(seed, started, guardian, apiServer, token, replicas);
    }

    private static Outcome outcome(
            int seed,
            Instant started,
            Guardian guardian,
            SimulatedApiServer apiServer,
            Token token,
            List<Replica> replicas) {
        Instant ready = guardian.tokenStatus().at();
        Instant from = token.claims().validFrom().orElseThrow().minus(SimulatedApiServer.LEEWAY);
        Instant due = apiServer.seenRefusing.stream()
                .map(replica -> from.minus(replica.offset))
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
        return new Outcome(
                guardian.tokenStatus().isAccepted(),
                apiServer.seenRefusing.stream().anyMatch(replica -> !replica.accepts(token, ready)),
                replicas.stream().anyMatch(replica -> !replica.accepts(token, ready)),
                due.equals(Instant.MIN) ? Duration.ZERO : Duration.between(due, ready),
                due.isAfter(started.plus(ROW_COMPLETE)),
                apiServer.asked.size(),
                "seed " + seed + ", "
                        + replicas.stream().map(replica -> replica.offset).toList());
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
