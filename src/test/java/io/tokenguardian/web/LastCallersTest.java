package io.tokenguardian.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the proxy's callers are treated as finished. At second 0, seven requests have been sent. */
class LastCallersTest {
    private final LastCallers callers = new LastCallers(7, 0);

    @ParameterizedTest
    @CsvSource({"0, false", "4.999, false", "5, true", "5.001, true"})
    void withoutConnectionsCallersAreFinishedAfterFiveSeconds(double seconds, boolean gone) {
        assertThat(callers.checkFinished(0, 7, nanos(seconds))).isEqualTo(gone);
    }

    @ParameterizedTest
    @CsvSource({"5, false", "19.999, false", "20, true", "20.001, true"})
    void anIdleConnectedCallerIsFinishedAfterTwentySeconds(double seconds, boolean gone) {
        assertThat(callers.checkFinished(1, 7, nanos(seconds))).isEqualTo(gone);
    }

    @ParameterizedTest
    @CsvSource({"7.999, false", "8, true"})
    void theFiveSecondsBeginWhenTheLastCallerDisconnects(double seconds, boolean gone) {
        callers.checkFinished(1, 7, nanos(3));

        assertThat(callers.checkFinished(0, 7, nanos(seconds))).isEqualTo(gone);
    }

    @ParameterizedTest
    @CsvSource({"8.999, false", "9, true"})
    void aBriefConnectionRestartsTheFiveSeconds(double seconds, boolean gone) {
        callers.checkFinished(0, 8, nanos(4));

        assertThat(callers.checkFinished(0, 8, nanos(seconds))).isEqualTo(gone);
    }

    @ParameterizedTest
    @CsvSource({"38.999, false", "39, true"})
    void theTwentySecondsBeginWithTheLastRequest(double seconds, boolean gone) {
        callers.checkFinished(2, 9, nanos(19));

        assertThat(callers.checkFinished(1, 9, nanos(seconds))).isEqualTo(gone);
    }

    @Test
    void aCallerThatKeepsSendingRequestsIsNotFinished() {
        for (int second = 1; second < 300; second += 4) {
            assertThat(callers.checkFinished(1, 7 + second, nanos(second))).isFalse();
        }
    }

    private static long nanos(double seconds) {
        return Math.round(seconds * 1e9);
    }
}
