package io.tokenguardian.web;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.proxy.ProxyCounters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The server-sent events of one open page: the whole report for each new status, and an event named {@code proxy} if
 * only the proxy's part has changed. Used only on one event loop.
 */
final class PageStream {
    static final long CHECK_INTERVAL_MILLIS = 250;

    /** After this many checks without a change, a comment is sent, which detects a closed page. */
    private static final int CHECKS_BETWEEN_COMMENTS = 60;

    private record Traffic(ProxyCounters.Snapshot counters, long connections) {}

    private final HttpServerResponse response;
    private final Supplier<TokenStatus> tokenStatus;
    private final ProxyCounters proxy;
    private final PageReport report;
    private @Nullable TokenStatus sent;
    private @Nullable Traffic sentTraffic;
    private int quietChecks;

    PageStream(HttpServerResponse response, Supplier<TokenStatus> tokenStatus, ProxyCounters proxy, PageReport report) {
        this.response = response;
        this.tokenStatus = tokenStatus;
        this.proxy = proxy;
        this.report = report;
    }

    void start(Vertx vertx, Runnable onEnd) {
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        check();
        long timer = vertx.setPeriodic(CHECK_INTERVAL_MILLIS, tick -> check());
        response.exceptionHandler(broken -> {}).closeHandler(closed -> {
            vertx.cancelTimer(timer);
            onEnd.run();
        });
    }

    /** Sends what has changed. Each new status is a new object, so a comparison of references is enough. */
    @SuppressWarnings("ReferenceEquality")
    private void check() {
        if (response.writeQueueFull()) {
            return;
        }
        TokenStatus now = tokenStatus.get();
        Traffic traffic = new Traffic(proxy.snapshot(), proxy.upstreamConnections());
        if (now != sent) {
            write("data: " + report.of(now).encode());
        } else if (!traffic.equals(sentTraffic)) {
            write("event: proxy\ndata: " + report.ofProxy().encode());
        } else if (++quietChecks >= CHECKS_BETWEEN_COMMENTS) {
            write(":");
        }
        sent = now;
        sentTraffic = traffic;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the response
    private void write(String event) {
        quietChecks = 0;
        response.write(event + "\n\n");
    }
}
