package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeAxisTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void clocksYearsApartShareAnAxis() {
        TimeAxis axis = TimeAxis.of(List.of(), List.of(NOON, NOON.plus(Duration.ofDays(9_000))));

        assertThat(axis.fraction(NOON.plus(Duration.ofDays(4_500)))).isEqualTo(0.5);
    }
}
