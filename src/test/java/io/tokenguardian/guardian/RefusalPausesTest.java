package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How often refusals are reported to the guardian. */
class RefusalPausesTest {
    private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");

    private final RefusalPauses pauses = new RefusalPauses();

    private boolean isOver(HeardRefusal kind, double seconds) {
        return pauses.isOver(kind, BEGIN.plusMillis((long) (seconds * 1_000)));
    }

    /** Returns the seconds in which a refusal is reported, if the proxy observes 40 refusals a second. */
    private List<Long> reachingIn(Duration time, HeardRefusal kind) {
        List<Long> seconds = new ArrayList<>();
        for (long i = 0; i < time.toSeconds() * 40; i++) {
            if (isOver(kind, i / 40.0)) {
                seconds.add(i / 40);
            }
        }
        return seconds;
    }

    @Test
    void thePausesAfterUnexplainedRefusalsDouble() {
        assertThat(reachingIn(Duration.ofSeconds(60), HeardRefusal.OTHER)).containsExactly(0L, 1L, 3L, 7L, 15L, 31L);
    }

    @Test
    void thePausesGrowToFiveMinutes() {
        assertThat(reachingIn(Duration.ofMinutes(25), HeardRefusal.OTHER))
                .endsWith(255L, 511L, 811L, 1_111L, 1_411L)
                .hasSize(13);
    }

    @ParameterizedTest
    @EnumSource(names = {"BY_CLOCK", "BY_EVERY_CLOCK"})
    void aRefusalByAClockIsReportedEachSecond(HeardRefusal kind) {
        assertThat(reachingIn(Duration.ofSeconds(10), kind)).hasSize(10);
    }

    @Test
    void noKindOfRefusalWaitsForAnother() {
        assertThat(isOver(HeardRefusal.OTHER, 0)).isTrue();
        assertThat(isOver(HeardRefusal.BY_CLOCK, 0)).isTrue();
        assertThat(isOver(HeardRefusal.BY_EVERY_CLOCK, 0)).isTrue();
    }

    @Test
    void aPauseLastsToItsEnd() {
        isOver(HeardRefusal.OTHER, 0);

        assertThat(isOver(HeardRefusal.OTHER, 0.999)).isFalse();
        assertThat(isOver(HeardRefusal.OTHER, 1)).isTrue();
        assertThat(isOver(HeardRefusal.OTHER, 2.999)).isFalse();
        assertThat(isOver(HeardRefusal.OTHER, 3)).isTrue();
    }

    @Test
    void thePausesStartAgainAfterATimeWithoutRefusals() {
        isOver(HeardRefusal.OTHER, 0);
        isOver(HeardRefusal.OTHER, 1);

        assertThat(isOver(HeardRefusal.OTHER, 5)).isTrue();

        assertThat(isOver(HeardRefusal.OTHER, 6)).isTrue();
    }

    @Test
    void anotherTokenEndsThePauses() {
        reachingIn(Duration.ofSeconds(60), HeardRefusal.OTHER);

        pauses.end();

        assertThat(isOver(HeardRefusal.OTHER, 60)).isTrue();
    }
}
