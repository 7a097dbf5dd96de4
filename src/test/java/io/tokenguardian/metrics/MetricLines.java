package io.tokenguardian.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** The guardian's metrics, as scraped by Prometheus, for tests that compare all outputs. */
public final class MetricLines {
    private MetricLines() {}

    public static List<String> of(TokenStatus tokenStatus, Timeline timeline) {
        List<MetricFamily> families = new GuardianMetrics(timeline).of(tokenStatus, finding -> 0, 0);
        return text(families.stream().map(MetricFamily::build).toList()).lines().toList();
    }

    static String text(List<MetricSnapshot> snapshots) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(text, new MetricSnapshots(snapshots));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString(UTF_8);
    }
}
