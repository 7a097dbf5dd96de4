package io.tokenguardian.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusedAtTest {
    private static final Instant FROM = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant UNTIL = FROM.plusSeconds(3_720);
    private static final ValidityWindow WINDOW = new ValidityWindow(FROM, UNTIL);

    @ParameterizedTest
    @CsvSource({"-1, NOT_YET_VALID", "0, NOT_YET_VALID", "1, REFUSED"})
    void aRefusalIsClassifiedAroundTheBeginningOfTheWindow(int seconds, Finding cause) {
        assertThat(WINDOW.refusedAt(FROM.plusSeconds(seconds))).isEqualTo(cause);
    }

    @ParameterizedTest
    @CsvSource({"-1, REFUSED", "0, EXPIRED", "1, EXPIRED"})
    void aRefusalIsClassifiedAroundTheEndOfTheWindow(int seconds, Finding cause) {
        assertThat(WINDOW.refusedAt(UNTIL.plusSeconds(seconds))).isEqualTo(cause);
    }

    @ParameterizedTest
    @CsvSource({"-1, REFUSED", "0, REFUSED", "1, REFUSED"})
    void aTokenWithoutNbfAndIatIsNeverNotYetValid(int seconds, Finding cause) {
        assertThat(new ValidityWindow(null, UNTIL).refusedAt(FROM.plusSeconds(seconds)))
                .isEqualTo(cause);
    }

    @ParameterizedTest
    @CsvSource({"-1, REFUSED", "0, REFUSED", "1, REFUSED"})
    void aTokenWithoutExpIsNeverExpired(int seconds, Finding cause) {
        assertThat(new ValidityWindow(FROM, null).refusedAt(UNTIL.plusSeconds(seconds)))
                .isEqualTo(cause);
    }

    @Test
    void aWindowThatClosesBeforeItOpensIsNotYetValidAtFirst() {
        ValidityWindow reversed = new ValidityWindow(FROM, FROM.minusSeconds(10));

        assertThat(reversed.refusedAt(FROM.minusSeconds(5))).isEqualTo(Finding.NOT_YET_VALID);
    }
}
