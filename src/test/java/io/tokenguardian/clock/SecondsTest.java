package io.tokenguardian.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecondsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0.0 s",
        "9_500, 9.5 s",
        "59_949, 59.9 s",
        "59_950, 1 min",
        "60_000, 1 min",
        "75_250, 1 min 15 s",
        "119_500, 2 min",
        "3_599_499, 59 min 59 s",
        "3_599_500, 1 h",
        "99_999_600, 27 h 46 min",
        "172_799_499, 47 h 59 min",
        "172_799_500, 2 d",
        "31_536_000_000, 365 d",
        "31_575_600_000, 365 d 11 h",
        "-75_250, 1 min 15 s",
    })
    void aDurationIsTextAsPeopleSayIt(String millis, String text) {
        assertThat(Seconds.text(Duration.ofMillis(Long.parseLong(millis.replace("_", "")))))
                .isEqualTo(text);
    }

    @Test
    void anyDurationHasOne() {
        assertThat(Seconds.text(Duration.ofSeconds(Long.MAX_VALUE / 2))).endsWith(" h");
    }
}
