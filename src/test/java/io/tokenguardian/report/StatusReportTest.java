package io.tokenguardian.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.verdict.Verdict;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusReportTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private final StatusReport report =
            new StatusReport(Path.of("/token"), Duration.ofSeconds(60), new Timeline(() -> 0, () -> NOW));

    @Test
    void aWaitOfMoreThan292YearsIsTold() {
        // Given: more nanoseconds than a long can hold
        Instant farAway = NOW.plusSeconds(10_000_000_000L).plusMillis(250);
        Verdict verdict = new Verdict.NotYetValid("10.96.0.1:443", farAway, farAway, farAway, null);

        // When
        JsonObject status = report.of(new Situation(NOW, verdict, null, null, List.of(), false, Duration.ZERO));

        // Then
        assertThat(status.getValue("secondsUntilAcceptable")).hasToString("10000000000.250");
    }
}
