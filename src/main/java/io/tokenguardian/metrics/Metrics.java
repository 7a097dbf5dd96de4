package io.tokenguardian.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.quarkus.vertx.http.ManagementInterface;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.StaleCallers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The response to {@code GET /q/metrics}, collected at each request. The number of series is small: replicas and user
 * agents are limited by {@code ReplicaLedger} and {@code StaleCallers}.
 */
@Singleton
final class Metrics {
    private static final String PATH = "/q/metrics";

    private static final ExpositionFormatWriter TEXT = PrometheusTextFormatWriter.create();
    private static final ExpositionFormatWriter OPEN_METRICS = OpenMetricsTextFormatWriter.create();

    private final Provider<Guardian> guardian;
    private final Provider<ProxyCounters> proxy;
    private final Provider<StaleCallers> staleCallers;
    private final Instance<Watched> parts;
    private final Timeline timeline;
    private final String version;

    Metrics(
            Provider<Guardian> guardian,
            Provider<ProxyCounters> proxy,
            Provider<StaleCallers> staleCallers,
            Instance<Watched> parts,
            Timeline timeline,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.guardian = guardian;
        this.proxy = proxy;
        this.staleCallers = staleCallers;
        this.parts = parts;
        this.timeline = timeline;
        this.version = version;
    }

    void register(@Observes ManagementInterface management) {
        management.router().get(PATH).blockingHandler(this::respond, false);
    }

    private void respond(RoutingContext context) {
        ExpositionFormatWriter format =
                OPEN_METRICS.accepts(context.request().getHeader(HttpHeaders.ACCEPT)) ? OPEN_METRICS : TEXT;
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            format.write(body, collect());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, format.getContentType())
                .end(Buffer.buffer(body.toByteArray()));
    }

    private MetricSnapshots collect() {
        Guardian source = guardian.get();
        List<MetricSnapshot> snapshots =
                new ArrayList<>(ProxyMetrics.of(proxy.get(), staleCallers.get().callers(timeline.instant())));
        Stream.of(
                        new GuardianMetrics(timeline).of(source.tokenStatus(), source::resultCount, source.rotations()),
                        List.of(failedTurns(parts.stream()), buildInfo(version)))
                .flatMap(List::stream)
                .map(MetricFamily::build)
                .forEach(snapshots::add);
        return new MetricSnapshots(snapshots);
    }

    static MetricFamily buildInfo(String version) {
        return MetricFamily.gauge("build_info", "The program's version, as a label of the constant 1.", "version")
                .sample(1, version);
    }

    static MetricFamily failedTurns(Stream<Watched> parts) {
        MetricFamily family = MetricFamily.counter(
                "failed_turns", "Turns that ended with an error, by thread; the log has the details.", "thread");
        parts.flatMap(part -> part.threads().stream())
                .forEach(thread -> family.sample(thread.failedTurns(), thread.name()));
        return family;
    }
}
