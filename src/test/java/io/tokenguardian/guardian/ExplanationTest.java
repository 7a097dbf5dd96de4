package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void aWaitOfMoreThan292YearsIsTold() {
        // Given: more nanoseconds than a long can hold
        Instant farAway = NOW.plusSeconds(10_000_000_000L);
        Verdict verdict = new Verdict.NotYetValid("10.96.0.1:443", farAway, farAway, farAway, null);
        Situation situation = new Situation(NOW, verdict, null, null, List.of(), false, Duration.ZERO);

        // When
        Explanation explanation = Explanation.of(situation, NOW);

        // Then
        assertThat(explanation.sentence()).contains("in 10000000000.0 s");
    }
}
