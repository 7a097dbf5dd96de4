package io.tokenguardian.verdict;

import static io.tokenguardian.verdict.ProbeResults.FROM;
import static io.tokenguardian.verdict.ProbeResults.UNTIL;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalCauseTest {
    private static final ValidityWindow WINDOW = new ValidityWindow(FROM, UNTIL);

    @ParameterizedTest
    @CsvSource({"-1, NOT_YET_VALID", "0, CROSSING", "1, OTHER"})
    void aRefusalIsClassifiedAroundTheBeginningOfTheWindow(int seconds, RefusalCause cause) {
        assertThat(RefusalCause.of(WINDOW, FROM.plusSeconds(seconds))).isEqualTo(cause);
    }

    @ParameterizedTest
    @CsvSource({"-1, OTHER", "0, EXPIRED", "1, EXPIRED"})
    void aRefusalIsClassifiedAroundTheEndOfTheWindow(int seconds, RefusalCause cause) {
        assertThat(RefusalCause.of(WINDOW, UNTIL.plusSeconds(seconds))).isEqualTo(cause);
    }

    @ParameterizedTest
    @CsvSource({"-1, OTHER", "0, OTHER", "1, OTHER"})
    void aTokenWithoutNbfAndIatIsNeverNotYetValid(int seconds, RefusalCause cause) {
        assertThat(RefusalCause.of(new ValidityWindow(null, UNTIL), FROM.plusSeconds(seconds)))
                .isEqualTo(cause);
    }

    @ParameterizedTest
    @CsvSource({"-1, OTHER", "0, OTHER", "1, OTHER"})
    void aTokenWithoutExpIsNeverExpired(int seconds, RefusalCause cause) {
        assertThat(RefusalCause.of(new ValidityWindow(FROM, null), UNTIL.plusSeconds(seconds)))
                .isEqualTo(cause);
    }

    @Test
    void aWindowThatClosesBeforeItOpensIsNotYetValidAtFirst() {
        ValidityWindow reversed = new ValidityWindow(FROM, FROM.minusSeconds(10));

        assertThat(RefusalCause.of(reversed, FROM.minusSeconds(5))).isEqualTo(RefusalCause.NOT_YET_VALID);
    }
}
