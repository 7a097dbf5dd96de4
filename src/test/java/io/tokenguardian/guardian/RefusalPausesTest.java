package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.replica.Answer.RefusalKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How often refusals are reported to the guardian. */
class RefusalPausesTest {
    private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");

    private static final RefusalKind BY_CLOCK = new RefusalKind(true, false);
    private static final RefusalKind IN_DOUBT = new RefusalKind(true, true);
    private static final RefusalKind OTHER = new RefusalKind(false, false);

    private final RefusalPauses pauses = new RefusalPauses();

    private boolean isOver(RefusalKind kind, double seconds) {
        return pauses.isOver(kind, BEGIN.plusMillis((long) (seconds * 1_000)));
    }

    /** Returns the seconds in which a refusal is reported, if the proxy observes 40 refusals a second. */
    private List<Long> reachingIn(Duration time, RefusalKind kind) {
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
        assertThat(reachingIn(Duration.ofSeconds(60), OTHER)).containsExactly(0L, 1L, 3L, 7L, 15L, 31L);
    }

    @Test
    void thePausesGrowToFiveMinutes() {
        assertThat(reachingIn(Duration.ofMinutes(25), OTHER))
                .endsWith(255L, 511L, 811L, 1_111L, 1_411L)
                .hasSize(13);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRefusalByAClockIsReportedEachSecond(boolean inDoubt) {
        assertThat(reachingIn(Duration.ofSeconds(10), new RefusalKind(true, inDoubt)))
                .hasSize(10);
    }

    @Test
    void noKindOfRefusalWaitsForAnother() {
        assertThat(isOver(OTHER, 0)).isTrue();
        assertThat(isOver(BY_CLOCK, 0)).isTrue();
        assertThat(isOver(IN_DOUBT, 0)).isTrue();
    }

    @Test
    void aPauseLastsToItsEnd() {
        isOver(OTHER, 0);

        assertThat(isOver(OTHER, 0.999)).isFalse();
        assertThat(isOver(OTHER, 1)).isTrue();
        assertThat(isOver(OTHER, 2.999)).isFalse();
        assertThat(isOver(OTHER, 3)).isTrue();
    }

    @Test
    void thePausesStartAgainAfterATimeWithoutRefusals() {
        isOver(OTHER, 0);
        isOver(OTHER, 1);

        assertThat(isOver(OTHER, 5)).isTrue();

        assertThat(isOver(OTHER, 6)).isTrue();
    }

    @Test
    void anotherTokenEndsThePauses() {
        reachingIn(Duration.ofSeconds(60), OTHER);

        pauses.end();

        assertThat(isOver(OTHER, 60)).isTrue();
    }
}
