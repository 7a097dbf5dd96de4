package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.replica.Answers;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How often refusals are reported to the guardian. */
class ReportLimitTest {
    private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(BEGIN).token();
    private static final Token OLDER =
            TestTokens.issuedAt(BEGIN.minusSeconds(3_000)).token();

    private double chance;
    private final ReportLimit limit = new ReportLimit(() -> chance);

    private boolean admits(Finding finding, double seconds) {
        return admits(TOKEN, finding, false, seconds);
    }

    private boolean admits(Token token, Finding finding, boolean inDoubt, double seconds) {
        return limit.admits(Answers.refused(token, finding, inDoubt), BEGIN.plusMillis((long) (seconds * 1_000)));
    }

    /** Returns the seconds in which a refusal is reported, if the proxy observes 40 refusals a second. */
    private List<Long> reachingIn(Duration time, Finding finding) {
        List<Long> seconds = new ArrayList<>();
        for (long i = 0; i < time.toSeconds() * 40; i++) {
            if (admits(finding, i / 40.0)) {
                seconds.add(i / 40);
            }
        }
        return seconds;
    }

    @Test
    void thePausesAfterUnexplainedRefusalsDoubleToFiveMinutes() {
        assertThat(reachingIn(Duration.ofMinutes(25), Finding.REFUSED))
                .startsWith(0L, 1L, 3L, 7L, 15L, 31L)
                .endsWith(255L, 511L, 811L, 1_111L, 1_411L)
                .hasSize(13);
    }

    @ParameterizedTest
    @EnumSource(names = {"NOT_YET_VALID", "EXPIRED"})
    void aRefusalByAClockIsReportedEachSecond(Finding finding) {
        assertThat(reachingIn(Duration.ofSeconds(10), finding)).hasSize(10);
    }

    /** One replica may refuse the token for hours before all replicas do. */
    @ParameterizedTest
    @EnumSource(names = {"NOT_YET_VALID", "EXPIRED", "REFUSED"})
    void noRefusalHidesAnother(Finding finding) {
        admits(OLDER, finding, false, 0);
        assertThat(admits(TOKEN, finding, false, 0)).isTrue();
        assertThat(admits(TOKEN, finding, true, 0)).isTrue();

        for (Finding other : List.of(Finding.NOT_YET_VALID, Finding.EXPIRED, Finding.REFUSED)) {
            assertThat(admits(other, 0)).isEqualTo(other != finding);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_YET_VALID, 0.874, false",
        "NOT_YET_VALID, 0.875, true",
        "REFUSED, 0.874, false",
        "REFUSED, 0.875, true"
    })
    void aPauseIsShorterByARandomPart(Finding finding, double seconds, boolean over) {
        chance = 0.5;
        admits(finding, 0);
        chance = 0; // the pause has its length from its beginning on

        assertThat(admits(finding, seconds)).isEqualTo(over);
    }

    @Test
    void thePausesStartAgainAfterATimeWithoutRefusalsOrAReading() {
        admits(Finding.REFUSED, 0);
        admits(Finding.REFUSED, 1);

        assertThat(admits(Finding.REFUSED, 5)).isTrue();
        assertThat(admits(Finding.REFUSED, 6)).isTrue();
        limit.reset();
        assertThat(admits(Finding.REFUSED, 6)).isTrue();
    }
}
