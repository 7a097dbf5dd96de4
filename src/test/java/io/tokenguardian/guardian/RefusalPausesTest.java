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
class RefusalPausesTest {
    private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(BEGIN).token();
    private static final Token OLDER =
            TestTokens.issuedAt(BEGIN.minusSeconds(3_000)).token();

    private double chance;
    private final RefusalPauses pauses = new RefusalPauses(() -> chance);

    private boolean isOver(Finding finding, double seconds) {
        return isOver(TOKEN, finding, false, seconds);
    }

    private boolean isOver(Token token, Finding finding, boolean inDoubt, double seconds) {
        return pauses.isOver(Answers.refused(token, finding, inDoubt), BEGIN.plusMillis((long) (seconds * 1_000)));
    }

    /** Returns the seconds in which a refusal is reported, if the proxy observes 40 refusals a second. */
    private List<Long> reachingIn(Duration time, Finding finding) {
        List<Long> seconds = new ArrayList<>();
        for (long i = 0; i < time.toSeconds() * 40; i++) {
            if (isOver(finding, i / 40.0)) {
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
        isOver(OLDER, finding, false, 0);
        assertThat(isOver(TOKEN, finding, false, 0)).isTrue();
        assertThat(isOver(TOKEN, finding, true, 0)).isTrue();

        for (Finding other : List.of(Finding.NOT_YET_VALID, Finding.EXPIRED, Finding.REFUSED)) {
            assertThat(isOver(other, 0)).isEqualTo(other != finding);
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
        isOver(finding, 0);
        chance = 0; // the pause has its length from its beginning on

        assertThat(isOver(finding, seconds)).isEqualTo(over);
    }

    @Test
    void thePausesStartAgainAfterATimeWithoutRefusalsOrAReading() {
        isOver(Finding.REFUSED, 0);
        isOver(Finding.REFUSED, 1);

        assertThat(isOver(Finding.REFUSED, 5)).isTrue();
        assertThat(isOver(Finding.REFUSED, 6)).isTrue();
        pauses.end();
        assertThat(isOver(Finding.REFUSED, 6)).isTrue();
    }
}
