package io.tokenguardian.metrics;

import io.tokenguardian.proxy.HoldHistogram;
import io.tokenguardian.proxy.ProxyCounters;
import java.util.List;

/** The metrics of the proxy. */
final class ProxyMetrics {
    private ProxyMetrics() {}

    static List<MetricFamily> of(ProxyCounters counters) {
        ProxyCounters.Snapshot snapshot = counters.snapshot();
        MetricFamily requests = MetricFamily.counter(
                "proxy_requests_total",
                "Requests answered, by method and status class, including the proxy's own answers.",
                "method",
                "code");
        counters.responses().forEach(each -> requests.sample(each.count(), each.method(), each.statusClass()));
        MetricFamily retries = MetricFamily.counter("proxy_retries_total", "Retries of requests, by reason.", "reason");
        counters.retries().forEach((reason, count) -> retries.sample(count, reason));
        HoldHistogram.Snapshot held = counters.heldTimes();
        return List.of(
                requests,
                MetricFamily.counter(
                                "proxy_refused_by_rule_total", "Requests refused with 403 by a rule in the settings.")
                        .sample(snapshot.refusedByRule()),
                retries,
                MetricFamily.histogram(
                                "proxy_held_seconds",
                                "How long requests waited for a usable token,"
                                        + " or for a connection to a replica that accepts one.")
                        .sampleHistogram(HoldHistogram.BOUNDS, held.cumulative(), held.seconds()),
                MetricFamily.gauge(
                                "proxy_holding_requests",
                                "Requests that wait now for a usable token,"
                                        + " or for a connection to a replica that accepts one.")
                        .sample(snapshot.heldNow()),
                MetricFamily.gauge("proxy_upstream_connections", "Open connections of the proxy to the API server.")
                        .sample(counters.upstreamConnections()));
    }
}
