package io.tokenguardian.metrics;

import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tokenguardian.proxy.HoldHistogram;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.StaleCaller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

final class ProxyMetrics {
    private ProxyMetrics() {}

    static List<MetricSnapshot> of(ProxyCounters counters, List<StaleCaller> staleCallers) {
        ProxyCounters.Snapshot snapshot = counters.snapshot();
        MetricFamily requests = MetricFamily.counter(
                "proxy_requests",
                "Requests answered, by method and status class, including the proxy's own answers.",
                "method",
                "code");
        counters.responses().forEach(each -> requests.sample(each.count(), each.method(), each.statusClass()));
        MetricFamily retries = MetricFamily.counter("proxy_retries", "Retries of requests, by reason.", "reason");
        counters.retries().forEach((reason, count) -> retries.sample(count, reason));
        MetricFamily saved = MetricFamily.counter(
                "saved", "Requests that would have got 401 without the proxy but did not, by reason.", "reason");
        counters.saved().forEach((reason, count) -> saved.sample(count, reason));
        MetricFamily stale = MetricFamily.counter(
                "stale_callers",
                "Requests with the caller's own token, which is older than the file's or not this pod's.",
                "user_agent");
        MetricFamily age = MetricFamily.gauge(
                "stale_caller_age_seconds",
                "Age of the last token that a stale caller has sent: NaN if it is not this pod's.",
                "user_agent");
        for (StaleCaller caller : staleCallers) {
            stale.sample(caller.requests(), caller.userAgent());
            age.sampleSeconds(
                    Optional.ofNullable(caller.tokenIssuedAt())
                            .map(issuedAt -> Duration.between(issuedAt, caller.lastSeen())),
                    caller.userAgent());
        }
        HoldHistogram.Snapshot held = counters.heldTimes();
        List<MetricSnapshot> snapshots = new ArrayList<>();
        Stream.of(
                        requests,
                        MetricFamily.counter(
                                        "proxy_refused_by_rule", "Requests refused with 403 by a rule in the settings.")
                                .sample(snapshot.refusedByRule()),
                        retries,
                        MetricFamily.gauge(
                                        "proxy_holding_requests",
                                        "Requests that are waiting for a usable token,"
                                                + " or for a connection to a replica that accepts one.")
                                .sample(snapshot.heldNow()),
                        MetricFamily.gauge(
                                        "proxy_upstream_connections",
                                        "Open connections from the proxy to the API server.")
                                .sample(counters.upstreamConnections()),
                        saved,
                        stale,
                        age)
                .map(MetricFamily::build)
                .forEach(snapshots::add);
        snapshots.add(MetricFamily.histogram(
                "proxy_held_seconds",
                "How long requests waited for a usable token, or for a connection to a replica that accepts one.",
                HoldHistogram.BOUNDS,
                held.counts(),
                held.seconds()));
        return snapshots;
    }
}
