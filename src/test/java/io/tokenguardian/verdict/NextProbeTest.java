package io.tokenguardian.verdict;

import static io.tokenguardian.verdict.ProbeResults.FROM;
import static io.tokenguardian.verdict.ProbeResults.TERMS;
import static io.tokenguardian.verdict.ProbeResults.refusedOpenly;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No timer is exact to the nanosecond, so a probe that was due must still be due when the judge runs slightly later.
 */
class NextProbeTest {
    private static final Instant NOW = Instant.parse("2026-03-01T09:00:00.4Z");

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10, 75, 3_600})
    void aDueProbeIsStillDueAMillisecondLater(int secondsBehind) {
        Evidence evidence = refusedOpenly(NOW, FROM.minusSeconds(secondsBehind));
        Instant due = Judge.judge(TERMS, evidence, NOW).next().at();

        Judgement late = Judge.judge(TERMS, evidence, due.plusMillis(1));

        assertThat(late.next().at()).isBeforeOrEqualTo(due.plusMillis(1));
    }
}
