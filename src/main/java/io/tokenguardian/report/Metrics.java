package io.tokenguardian.report;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.quarkus.runtime.StartupEvent;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.FurtherTokens;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.proxy.ProxyCounters;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.stream.Stream;

/**
 * What {@code GET /q/metrics} answers, read off guardian and proxy when somebody asks. The series are few: seven
 * verdicts, as many for each further token, five answers, two for each replica of {@code ReplicaSightings}' sixteen at most, eight methods by five
 * classes, six reasons.
 */
@Singleton
final class Metrics extends Collector implements Collector.Describable {
    private final Provider<Guardian> guardian;
    private final Provider<FurtherTokens> further;
    private final Provider<ProxyCounters> proxy;
    private final Timeline timeline;

    Metrics(
            Provider<Guardian> guardian,
            Provider<FurtherTokens> further,
            Provider<ProxyCounters> proxy,
            Timeline timeline) {
        this.guardian = guardian;
        this.further = further;
        this.proxy = proxy;
        this.timeline = timeline;
    }

    void register(@Observes StartupEvent event, CollectorRegistry registry) {
        registry.register(this);
    }

    @Override
    public List<MetricFamilySamples> collect() {
        Guardian source = guardian.get();
        return Stream.of(
                        new GuardianMetrics(timeline).of(source.situation(), source::answers, source.rotations()),
                        FurtherMetrics.of(further.get().all()),
                        ProxyMetrics.of(proxy.get()))
                .flatMap(List::stream)
                .map(Family::build)
                .toList();
    }

    /** Nothing: registering must not ask for the parts, which a wrong setting keeps from being made. */
    @Override
    public List<MetricFamilySamples> describe() {
        return List.of();
    }
}
