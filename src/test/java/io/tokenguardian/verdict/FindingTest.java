package io.tokenguardian.verdict;

import static io.tokenguardian.verdict.ProbeResults.FROM;
import static io.tokenguardian.verdict.ProbeResults.TERMS;
import static io.tokenguardian.verdict.ProbeResults.UNTIL;
import static io.tokenguardian.verdict.ProbeResults.accepted;
import static io.tokenguardian.verdict.ProbeResults.unauthorized;
import static io.tokenguardian.verdict.ProbeResults.unavailable;
import static io.tokenguardian.verdict.ProbeResults.unreachable;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.replica.Finding;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingTest {

    @ParameterizedTest
    @CsvSource({"-1, NOT_YET_VALID", "0, NOT_YET_VALID", "1, REFUSED"})
    void aRefusalIsClassifiedByItsDate(int seconds, Finding finding) {
        // The local clock is an hour ahead, which does not matter.
        assertThat(JudgedResult.of(TERMS, unauthorized(FROM.plusSeconds(3_600), FROM.plusSeconds(seconds)))
                        .finding())
                .isEqualTo(finding);
    }

    @ParameterizedTest
    @CsvSource({"-1, REFUSED", "0, EXPIRED", "1, EXPIRED"})
    void aRefusalAtTheEndOfTheWindowIsExpired(int seconds, Finding finding) {
        assertThat(JudgedResult.of(TERMS, unauthorized(FROM, UNTIL.plusSeconds(seconds)))
                        .finding())
                .isEqualTo(finding);
    }

    @ParameterizedTest
    @CsvSource({"-1, NOT_YET_VALID", "0, NOT_YET_VALID", "1, REFUSED", "3719, REFUSED", "3720, EXPIRED"})
    void aRefusalWithoutDateIsClassifiedByTheLocalClock(int seconds, Finding finding) {
        assertThat(JudgedResult.of(TERMS, unauthorized(FROM.plusSeconds(seconds), null))
                        .finding())
                .isEqualTo(finding);
    }

    @Test
    void anAuthenticatedResponseIsAnAcceptanceWithAnyDate() {
        assertThat(JudgedResult.of(TERMS, accepted(FROM.minusSeconds(100))).finding())
                .isEqualTo(Finding.ACCEPTED);
    }

    @Test
    void aResultWithoutAResponseToTheProbeIsUnreachable() {
        assertThat(JudgedResult.of(TERMS, unreachable(FROM)).finding()).isEqualTo(Finding.UNREACHABLE);
        assertThat(JudgedResult.of(TERMS, unavailable(FROM, null)).finding()).isEqualTo(Finding.UNREACHABLE);
    }
}
