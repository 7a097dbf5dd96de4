package io.tokenguardian.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {

    @ParameterizedTest
    @CsvSource({"1, 10", "2, 20", "5, 160", "6, 300", "7, 300", "1000000, 300"})
    void thePausesAfterForbiddenGrowFromTenSecondsToFiveMinutes(int failures, long seconds) {
        assertThat(Backoff.FORBIDDEN.pause(failures, () -> 0)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource({"0.0, 10000", "0.5, 12500", "0.9999999999, 14999"})
    void aRequestedPauseIsLengthenedAtRandomByUpToHalf(double chance, long millis) {
        assertThat(Backoff.lengthened(Duration.ofSeconds(10), () -> chance))
                .isBetween(Duration.ofMillis(millis), Duration.ofMillis(millis + 1));
    }

    @ParameterizedTest
    @CsvSource({"0.0, 10000", "0.5, 8750", "0.9999999999, 7500"})
    void aPauseIsShortenedAtRandomByUpToAQuarter(double chance, long millis) {
        assertThat(Backoff.FORBIDDEN.pause(1, () -> chance))
                .isBetween(Duration.ofMillis(millis), Duration.ofMillis(millis + 1));
    }
}
