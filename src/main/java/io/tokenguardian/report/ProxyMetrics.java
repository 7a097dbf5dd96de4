package io.tokenguardian.report;

import io.tokenguardian.proxy.HeldTimes;
import io.tokenguardian.proxy.ProxyCounters;
import java.util.List;

/** The metrics of the proxy. */
final class ProxyMetrics {
    private ProxyMetrics() {}

    static List<Family> of(ProxyCounters counters) {
        ProxyCounters.Snapshot snapshot = counters.snapshot();
        Family requests = Family.counter(
                "proxy_requests_total",
                "Requests answered, by method and class of status, the proxy's own answers included.",
                "method",
                "code");
        counters.answered()
                .forEach(answered -> requests.sample(answered.count(), answered.method(), answered.statusClass()));
        Family retries = Family.counter("proxy_retries_total", "Times a request was sent again, by reason.", "reason");
        counters.retries().forEach((reason, count) -> retries.sample(count, reason.word()));
        HeldTimes.Snapshot held = counters.heldTimes();
        return List.of(
                requests,
                Family.counter("proxy_refused_by_rule_total", "Requests refused with 403 by a rule of the settings.")
                        .sample(snapshot.refusedByRule()),
                retries,
                Family.histogram(
                                "proxy_held_seconds",
                                "How long requests were held that had to wait for an accepted token.")
                        .buckets(HeldTimes.BOUNDS, held.cumulative(), held.seconds()),
                Family.gauge("proxy_holding_requests", "Requests that wait for an accepted token right now.")
                        .sample(snapshot.holding()),
                Family.gauge("proxy_upstream_connections", "Open connections of the proxy to the API server.")
                        .sample(counters.upstreamConnections()));
    }
}
