package io.tokenguardian.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ClockEstimateTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final int SCENARIOS = 1_000;
    private static final int ALL_SAMPLES = 40;

    @Test
    void oneSampleBoundsTheOffsetByTheRoundTripAndTheSecondOfTheDate() {
        Sample sample = new Sample(NOON, NOON.plusMillis(20), NOON.plusSeconds(5));

        OffsetInterval offset = ClockEstimate.of(sample).boundsAt(NOON);

        assertThat(offset.lower()).isEqualTo(Duration.ofMillis(4_980));
        assertThat(offset.upper()).isEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void theBoundsOfAgreeingSamplesAreIntersected() {
        ClockEstimate first = ClockEstimate.of(new Sample(NOON, NOON, NOON));

        ClockEstimate both = first.with(new Sample(NOON.plusMillis(500), NOON.plusMillis(500), NOON.plusSeconds(1)));

        assertThat(both.boundsAt(NOON.plusMillis(500)).lower()).isCloseTo(Duration.ofMillis(500), Duration.ofMillis(1));
        assertThat(both.boundsAt(NOON.plusMillis(500)).upper()).isCloseTo(Duration.ofSeconds(1), Duration.ofMillis(1));
        assertThat(both.samples()).isEqualTo(2);
    }

    @Test
    void theBoundsLoosenByTheDriftOfBothClocks() {
        ClockEstimate estimate = ClockEstimate.of(new Sample(NOON, NOON, NOON));

        OffsetInterval later = estimate.boundsAt(NOON.plusSeconds(1_000));

        assertThat(later.lower()).isEqualTo(Duration.ofMillis(-100).minusNanos(1));
        assertThat(later.upper()).isEqualTo(Duration.ofMillis(1_100).plusNanos(1));
    }

    @Test
    void aSampleOutsideOfTheBoundsIsAStepAndStartsTheEstimateAnew() {
        ClockEstimate estimate = ClockEstimate.of(new Sample(NOON, NOON, NOON));
        Sample stepped = new Sample(NOON.plusSeconds(1), NOON.plusSeconds(1), NOON.plusSeconds(76));

        ClockEstimate after = estimate.with(stepped);

        assertThat(estimate.agreesWith(stepped)).isFalse();
        assertThat(after.steps()).isEqualTo(1);
        assertThat(after.samples()).isEqualTo(1);
        assertThat(after.boundsAt(NOON.plusSeconds(1)).lower()).isEqualTo(Duration.ofSeconds(75));
    }

    @Test
    void aSampleThatOnlyTouchesTheBoundsIsNoStep() {
        ClockEstimate estimate = ClockEstimate.of(new Sample(NOON, NOON, NOON));

        ClockEstimate after = estimate.with(new Sample(NOON, NOON, NOON.plusSeconds(1)));

        assertThat(after.steps()).isZero();
    }

    @Test
    void theNextProbeArrivesAsTheClockTurnsAFullSecond() {
        Sample sample = new Sample(NOON, NOON.plusMillis(100), NOON.plusSeconds(2));
        ClockEstimate estimate = ClockEstimate.of(sample);
        Instant now = NOON.plusMillis(300);

        Instant probe = estimate.nextProbe(now);

        Instant onArrival = probe.plusMillis(50).plus(estimate.boundsAt(now).midpoint());
        assertThat(onArrival).isEqualTo(onArrival.truncatedTo(ChronoUnit.SECONDS));
        assertThat(probe).isBetween(now, now.plusSeconds(1));
    }

    /** The clock of another machine, read over a network, in simulated time. */
    private static final class Scenario {
        final SplittableRandom random;
        final SimulatedTime time;
        private final long roundTripNanos;
        private final boolean steady;
        private final Duration offsetAtStart;
        private final double driftPpm;
        private final double outward;

        Scenario(int seed) {
            random = new SplittableRandom(seed);
            time = new SimulatedTime(NOON.plusNanos(random.nextLong(1_000_000_000L)));
            // 0.2 to 200 ms, uniformly distributed on a logarithmic scale.
            roundTripNanos = (long) (200_000 * Math.pow(1_000, random.nextDouble()));
            steady = random.nextBoolean();
            offsetAtStart = Duration.ofNanos(random.nextLong(-3_600_000_000_000L, 3_600_000_000_001L));
            driftPpm = random.nextDouble(-100, 100);
            outward = random.nextDouble(0.05, 0.95);
        }

        Duration offset() {
            long elapsed = Duration.between(NOON, time.now()).toNanos();
            return offsetAtStart.plusNanos(Math.round(elapsed * driftPpm / 1_000_000));
        }

        Sample probe() {
            long nanos = steady ? roundTripNanos : roundTripNanos + random.nextLong(2 * roundTripNanos);
            long out = (long) (nanos * (steady ? outward : random.nextDouble()));
            Instant sentAt = time.now();
            time.advance(Duration.ofNanos(out));
            Instant date = time.now().plus(offset()).truncatedTo(ChronoUnit.SECONDS);
            time.advance(Duration.ofNanos(nanos - out));
            return new Sample(sentAt, time.now(), date);
        }
    }

    @Test
    void theTrueOffsetIsAlwaysInsideTheInterval() {
        for (int seed = 0; seed < SCENARIOS; seed++) {
            Scenario scenario = new Scenario(seed);
            ClockEstimate estimate = ClockEstimate.of(scenario.probe());
            for (int i = 1; i < ALL_SAMPLES; i++) {
                assertThat(estimate.boundsAt(scenario.time.now()).contains(scenario.offset()))
                        .as("seed %d, sample %d: %s, true %s", seed, i, estimate, scenario.offset())
                        .isTrue();
                scenario.time.advance(Duration.ofMillis(scenario.random.nextLong(i % 8 == 0 ? 600_000 : 2_000)));
                scenario.time.advanceTo(estimate.nextProbe(scenario.time.now()));
                estimate = estimate.with(scenario.probe());
            }
            assertThat(estimate.steps()).as("seed %d", seed).isZero();
        }
    }
}
