package io.tokenguardian.web;

import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.proxy.ProxyCounters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;

/** The page on the local listener, {@code GET /}, and its updates, {@code GET /events}. */
@Singleton
final class PageRoutes {
    /** More pages than people open at a time. Each costs a timer. */
    static final int MOST_STREAMS = 16;

    private final Provider<Guardian> guardian;
    private final Provider<ProxyCounters> proxy;
    private final Provider<PageReport> report;
    private final Page page = Page.load();
    private final AtomicInteger streams = new AtomicInteger();

    PageRoutes(Provider<Guardian> guardian, Provider<ProxyCounters> proxy, Provider<PageReport> report) {
        this.guardian = guardian;
        this.proxy = proxy;
        this.report = report;
    }

    void register(@Observes Router router) {
        LoopbackOnly loopbackOnly = new LoopbackOnly();
        router.get("/").handler(loopbackOnly).handler(this::page);
        router.get("/events").handler(loopbackOnly).handler(this::events);
    }

    private void page(RoutingContext context) {
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("Content-Security-Policy", page.contentSecurityPolicy())
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .end(page.with(report.get().of(guardian.get().tokenStatus())));
    }

    private void events(RoutingContext context) {
        if (streams.incrementAndGet() > MOST_STREAMS) {
            streams.decrementAndGet();
            context.response().setStatusCode(503).end("at most " + MOST_STREAMS + " pages at a time\n");
            return;
        }
        PageStream stream = new PageStream(context.response(), guardian.get()::tokenStatus, proxy.get(), report.get());
        stream.start(context.vertx(), streams::decrementAndGet);
    }
}
