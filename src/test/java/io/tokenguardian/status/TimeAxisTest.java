package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeAxisTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @ParameterizedTest
    @CsvSource({"PT0S, 15", "PT74S, 15", "PT75S, 30", "PT5M, 120", "PT1H, 900", "PT24H, 21600", "P20D, 432000"})
    void theTickIntervalFitsThePeriod(Duration span, long step) {
        assertThat(new TimeAxis(NOON, NOON.plus(span)).step()).isEqualTo(Duration.ofSeconds(step));
    }

    @Test
    void ticksAreRoundTimesWithinThePeriod() {
        TimeAxis axis = new TimeAxis(NOON.minusMillis(1), NOON.plusSeconds(61));

        assertThat(axis.ticks())
                .containsExactly(
                        NOON, NOON.plusSeconds(15), NOON.plusSeconds(30), NOON.plusSeconds(45), NOON.plusSeconds(60));
    }

    @Test
    void aTickAtTheBeginningIsIncluded() {
        assertThat(new TimeAxis(NOON, NOON).ticks()).first().isEqualTo(NOON);
        assertThat(new TimeAxis(NOON.plusNanos(1), NOON.plusSeconds(1)).ticks())
                .first()
                .isEqualTo(NOON.plusSeconds(15));
    }

    @Test
    void clocksYearsApartShareAnAxis() {
        TimeAxis axis = TimeAxis.of(List.of(), List.of(NOON, NOON.plus(Duration.ofDays(9_000))));

        assertThat(axis.fraction(NOON.plus(Duration.ofDays(4_500)))).isEqualTo(0.5);
    }
}
