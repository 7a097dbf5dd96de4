package io.tokenguardian.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormatTest {
    private static final Format<Duration> DURATION = Format.duration(Duration.ofDays(-9), Duration.ofDays(9));

    @ParameterizedTest
    @ValueSource(strings = {"0", "+5", "-5", "500MS", "10s", "1h30m2.5s", "1d", "PT1M", "P1D", " 3s ", "-PT3S"})
    void aDurationIsAsQuarkusReadsIt(String text) {
        assertThat(DURATION.parse("a", text)).isEqualTo(DurationConverter.parseDuration(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "1w", "1.5d", "5 m", "1m1h", "--1", "10d", "9223372036854775807h"})
    void anotherTextIsNoDuration(String text) {
        assertThatThrownBy(() -> DURATION.parse("a", text)).isInstanceOf(SettingException.class);
    }
}
