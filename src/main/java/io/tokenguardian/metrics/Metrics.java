package io.tokenguardian.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.quarkus.runtime.StartupEvent;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.AudienceTokens;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.StaleCallers;
import io.tokenguardian.status.StatusLog;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.stream.Stream;

/**
 * The response to {@code GET /q/metrics}, collected from guardian and proxy at each request. The series are few: seven
 * verdicts, as many for each audience token, five findings, two for each of at most 16 replicas
 * ({@code ObservedReplicas}), eight methods by five classes of status, seven reasons for a retry, one for each thread,
 * three reasons of what was saved, two for each of at most 17 user agents ({@code StaleCallers}).
 */
@Singleton
final class Metrics extends Collector implements Collector.Describable {
    private final Provider<Guardian> guardian;
    private final Provider<AudienceTokens> audienceTokens;
    private final Provider<ProxyCounters> proxy;
    private final Provider<StaleCallers> staleCallers;
    private final Provider<StatusLog> statusLog;
    private final Instance<Watched> parts;
    private final Timeline timeline;

    Metrics(
            Provider<Guardian> guardian,
            Provider<AudienceTokens> audienceTokens,
            Provider<ProxyCounters> proxy,
            Provider<StaleCallers> staleCallers,
            Provider<StatusLog> statusLog,
            Instance<Watched> parts,
            Timeline timeline) {
        this.guardian = guardian;
        this.audienceTokens = audienceTokens;
        this.proxy = proxy;
        this.staleCallers = staleCallers;
        this.statusLog = statusLog;
        this.parts = parts;
        this.timeline = timeline;
    }

    void register(@Observes StartupEvent event, CollectorRegistry registry) {
        registry.register(this);
    }

    @Override
    public List<MetricFamilySamples> collect() {
        Guardian source = guardian.get();
        return Stream.of(
                        new GuardianMetrics(timeline)
                                .of(
                                        source.tokenStatus(),
                                        statusLog.get().clocksOff(),
                                        source::resultCount,
                                        source.rotations()),
                        AudienceTokenMetrics.of(audienceTokens.get().all()),
                        ProxyMetrics.of(proxy.get(), staleCallers.get().callers(timeline.instant())),
                        List.of(failedTurns(parts.stream())))
                .flatMap(List::stream)
                .map(MetricFamily::build)
                .toList();
    }

    static MetricFamily failedTurns(Stream<Watched> parts) {
        MetricFamily family = MetricFamily.counter(
                "failed_turns_total",
                "Turns of a thread that ended with an error, by its name; the log has it.",
                "thread");
        parts.flatMap(part -> part.threads().stream())
                .forEach(thread -> family.sample(thread.failedTurns(), thread.name()));
        return family;
    }

    /** Empty, since registration must not create guardian and proxy: with a wrong setting that fails. */
    @Override
    public List<MetricFamilySamples> describe() {
        return List.of();
    }
}
