package io.tokenguardian.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void aTimelineStartsAtTheNodeClockAndGoesOnWithMonotonicTime() {
        SimulatedTime time = new SimulatedTime(NOON);
        Timeline timeline = time.timeline();

        time.advance(Duration.ofMillis(1_500));

        assertThat(timeline.instant()).isEqualTo(NOON.plusMillis(1_500));
        assertThat(timeline.nodeClockShift()).isZero();
    }

    @Test
    void aStepOfTheNodeClockShowsAsShiftAndMovesNothingElse() {
        SimulatedTime time = new SimulatedTime(NOON);
        Timeline timeline = time.timeline();

        time.stepNodeClock(Duration.ofSeconds(-30));

        assertThat(timeline.instant()).isEqualTo(NOON);
        assertThat(timeline.nodeClockShift()).isEqualTo(Duration.ofSeconds(-30));
        assertThat(timeline.onNodeClock(NOON)).isEqualTo(NOON.minusSeconds(30));
    }
}
