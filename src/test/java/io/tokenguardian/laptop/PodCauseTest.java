package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PodCauseTest {
    @ParameterizedTest
    @EnumSource
    void eachCauseHasARowInTroubleshooting(PodCause cause) throws IOException {
        assertThat(Files.readAllLines(Path.of("docs/troubleshooting.md")))
                .filteredOn(line -> line.matches("\\| [^|]*`" + cause.word() + "`[^|]* \\| .* \\| .* \\|"))
                .isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "NOTHING, good",
        "CLOCK_OFF, wait",
        "NOT_YET_VALID, wait",
        "UNKNOWN, wait",
        "EXPIRED, bad",
        "NO_TOKEN, bad"
    })
    void theCauseHasTheColourOfItsGravity(PodCause cause, String tone) {
        assertThat(cause.tone()).isEqualTo(tone);
    }
}
