package io.tokenguardian.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PausesTest {

    @ParameterizedTest
    @CsvSource({"1, 250", "2, 500", "5, 4000", "6, 8000", "7, 10000", "8, 10000", "1000000, 10000"})
    void thePauseDoublesUpToItsLimit(int setbacks, long millis) {
        assertThat(Pauses.UNREACHABLE.pause(setbacks, () -> 0)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({"0.0, 1000000000", "0.5, 875000000", "0.9999999999, 750000001"})
    void aPauseIsShortenedAtRandomByUpToAQuarter(double chance, long nanos) {
        assertThat(Pauses.REFUSED.pause(1, () -> chance)).isEqualTo(Duration.ofNanos(nanos));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "5, 16", "6, 30", "100, 30"})
    void thePausesAfterRefusalsGrowToHalfAMinute(int setbacks, long seconds) {
        assertThat(Pauses.REFUSED.pause(setbacks, () -> 0)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource({"1, 20", "2, 40", "9, 5120", "10, 10000", "17, 10000", "18, 10000"})
    void thePausesInTheSecondOfTheWindowBeginAt20Milliseconds(int setbacks, long millis) {
        assertThat(Pauses.CROSSING.pause(setbacks, () -> 0)).isEqualTo(Duration.ofMillis(millis));
    }
}
