package io.tokenguardian.report;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.proxy.ProxyCounters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One open page's server-sent events: the whole report when it opens and with each new situation; of a change that is the
 * proxy's alone an event {@code proxy}, with its part of the report. It looks four times a second, which costs two
 * comparisons; the page itself moves the clocks. For one event loop.
 */
final class PageStream {
    static final long LOOK_MILLIS = 250;

    /** So often at least something is sent, so that a page that is gone is noticed. */
    private static final int LOOKS_BETWEEN_SIGNS = 60;

    private record Traffic(ProxyCounters.Snapshot counters, long connections) {}

    private final HttpServerResponse response;
    private final Supplier<Situation> situation;
    private final ProxyCounters proxy;
    private final PageReport report;
    private @Nullable Situation sent;
    private @Nullable Traffic sentTraffic;
    private int quietLooks;

    PageStream(HttpServerResponse response, Supplier<Situation> situation, ProxyCounters proxy, PageReport report) {
        this.response = response;
        this.situation = situation;
        this.proxy = proxy;
        this.report = report;
    }

    /** Sends the first report, and goes on until the page is gone. */
    void start(Vertx vertx, Runnable onEnd) {
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        look();
        long timer = vertx.setPeriodic(LOOK_MILLIS, tick -> look());
        response.exceptionHandler(broken -> {}).closeHandler(closed -> {
            vertx.cancelTimer(timer);
            onEnd.run();
        });
    }

    /** A situation is another one as soon as it is another object. */
    @SuppressWarnings("ReferenceEquality")
    private void look() {
        if (response.writeQueueFull()) {
            return;
        }
        Situation now = situation.get();
        Traffic traffic = new Traffic(proxy.snapshot(), proxy.upstreamConnections());
        if (now != sent) {
            write("data: " + report.of(now).encode());
        } else if (!traffic.equals(sentTraffic)) {
            write("event: proxy\ndata: " + report.ofProxy().encode());
        } else if (++quietLooks >= LOOKS_BETWEEN_SIGNS) {
            write(":");
        }
        sent = now;
        sentTraffic = traffic;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the response
    private void write(String event) {
        quietLooks = 0;
        response.write(event + "\n\n");
    }
}
