package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
    @ParameterizedTest
    @CsvSource({"'', true", "serve, true", "--, true", "serve --, true", "serve extra, false", "wait, false"})
    void onlyServeWithoutAFurtherWordServes(String line, boolean serves) {
        assertThat(Main.serves(line.isEmpty() ? new String[0] : line.split(" ")))
                .isEqualTo(serves);
    }
}
