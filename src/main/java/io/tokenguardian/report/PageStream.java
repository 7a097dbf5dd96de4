package io.tokenguardian.report;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.proxy.ProxyCounters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One open page's server-sent events: the whole report when it opens, and again when anything in it has changed. It looks
 * four times a second, which costs two comparisons; the page itself moves the clocks. For one event loop.
 */
final class PageStream {
    static final long LOOK_MILLIS = 250;

    /** So often at least something is sent, so that a page that is gone is noticed. */
    private static final int LOOKS_BETWEEN_SIGNS = 60;

    private record Seen(Situation situation, ProxyCounters.Snapshot counters, long connections) {
        /** A situation is another one as soon as it is another object. */
        @SuppressWarnings("ReferenceEquality")
        boolean isSame(@Nullable Seen other) {
            return other != null
                    && situation == other.situation
                    && counters.equals(other.counters)
                    && connections == other.connections;
        }
    }

    private final HttpServerResponse response;
    private final Supplier<Situation> situation;
    private final ProxyCounters proxy;
    private final Function<Situation, JsonObject> report;
    private @Nullable Seen sent;
    private int quietLooks;

    PageStream(
            HttpServerResponse response,
            Supplier<Situation> situation,
            ProxyCounters proxy,
            Function<Situation, JsonObject> report) {
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

    @SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the response
    private void look() {
        if (response.writeQueueFull()) {
            return;
        }
        Seen now = new Seen(situation.get(), proxy.snapshot(), proxy.upstreamConnections());
        if (!now.isSame(sent)) {
            sent = now;
            quietLooks = 0;
            response.write("data: " + report.apply(now.situation()).encode() + "\n\n");
        } else if (++quietLooks >= LOOKS_BETWEEN_SIGNS) {
            quietLooks = 0;
            response.write(":\n\n");
        }
    }
}
