package io.tokenguardian.metrics;

import io.prometheus.client.exporter.common.TextFormat;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.StatusLog;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;

/** The guardian's metrics as Prometheus gets them, for tests that compare all outputs. */
public final class MetricLines {
    private MetricLines() {}

    public static List<String> of(TokenStatus tokenStatus, StatusLog statusLog, Timeline timeline) {
        StringWriter text = new StringWriter();
        List<MetricFamily> families =
                new GuardianMetrics(timeline).of(tokenStatus, statusLog.clocksOff(), finding -> 0, 0);
        try {
            TextFormat.write004(
                    text,
                    Collections.enumeration(
                            families.stream().map(MetricFamily::build).toList()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString().lines().toList();
    }
}
