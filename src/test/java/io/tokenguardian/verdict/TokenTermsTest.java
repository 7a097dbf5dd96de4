package io.tokenguardian.verdict;

import static io.tokenguardian.verdict.ProbeResults.AUTHENTICATED;
import static io.tokenguardian.verdict.ProbeResults.FAILED;
import static io.tokenguardian.verdict.ProbeResults.FROM;
import static io.tokenguardian.verdict.ProbeResults.ISSUED;
import static io.tokenguardian.verdict.ProbeResults.NOW;
import static io.tokenguardian.verdict.ProbeResults.TERMS;
import static io.tokenguardian.verdict.ProbeResults.refused;
import static io.tokenguardian.verdict.ProbeResults.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ValidityWindow;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenTermsTest {
    private static final TokenTerms UNLIMITED = new TokenTerms(ValidityWindow.UNBOUNDED, null, 3);

    @ParameterizedTest
    @CsvSource({"0, NOT_YET_VALID", "1, REFUSED", "3719, REFUSED", "3720, EXPIRED"})
    void aRefusalIsClassifiedByItsDateOrElseByTheLocalClock(int seconds, Finding finding) {
        Instant time = FROM.plusSeconds(seconds);

        assertThat(TERMS.read(refused(FROM.plusSeconds(100), time))).isEqualTo(finding);
        assertThat(TERMS.read(refused(time, null))).isEqualTo(finding);
    }

    @Test
    void anyOtherResultIsClassifiedWithoutItsDate() {
        assertThat(TERMS.read(result(AUTHENTICATED, "a", NOW, FROM.minusSeconds(5))))
                .isEqualTo(Finding.ACCEPTED);
        assertThat(TERMS.read(result(new ProbeOutcome.Unavailable("503", null), "a", NOW, FROM.minusSeconds(5))))
                .isEqualTo(Finding.UNREACHABLE);
        assertThat(TERMS.read(FAILED)).isEqualTo(Finding.UNREACHABLE);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 10", "2, 18", "3, 25", "4, 31", "5, 38", "7, 52", "8, 52"})
    void theNumberOfConnectionsGrowsWithTheKnownReplicas(int met, int connections) {
        assertThat(TokenTerms.connectionsToRuleOut(met)).isEqualTo(connections);
    }

    @ParameterizedTest
    @CsvSource({"-601, false", "-600, true", "0, true", "600, true", "601, false"})
    void aTokenMayBeIssuedNowUpToTenMinutesFromAReplicasClock(int seconds, boolean may) {
        assertThat(TERMS.mayBeIssuedNow(ISSUED.plusSeconds(seconds))).isEqualTo(may);
    }

    @ParameterizedTest
    @CsvSource({"599, true", "600, false", "3120, false", "3121, true"})
    void aClockTenMinutesOffMayBeOutsideTheWindow(int seconds, boolean may) {
        assertThat(TERMS.mayBeRefusedBySomeClock(FROM.plusSeconds(seconds))).isEqualTo(may);
    }

    @Test
    void anUnknownTimeMayBeAnyButNotYoung() {
        assertThat(TERMS.mayBeIssuedNow(null)).isTrue();
        assertThat(UNLIMITED.mayBeIssuedNow(NOW)).isTrue();
        assertThat(TERMS.mayBeRefusedBySomeClock(null)).isTrue();
        assertThat(UNLIMITED.mayBeRefusedBySomeClock(NOW)).isFalse();
        assertThat(TERMS.isYoungAt(null)).isFalse();
        assertThat(UNLIMITED.isYoungAt(NOW)).isFalse();
    }
}
