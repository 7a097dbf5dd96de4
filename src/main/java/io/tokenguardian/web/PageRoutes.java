package io.tokenguardian.web;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.status.CheckSvg;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;

/** The routes of the page: {@code GET /}, its updates {@code GET /events}, and {@code GET /status.svg}. */
@Singleton
final class PageRoutes {
    /** More than anyone usually opens. Each open page needs a timer. */
    static final int MOST_STREAMS = 16;

    /** The content security policy of the picture, which contains its own style and loads nothing. */
    private static final String PICTURE_POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

    private final Provider<Guardian> guardian;
    private final Provider<ProxyCounters> proxy;
    private final Provider<PageReport> report;
    private final Provider<Timeline> timeline;
    private final Page page = Page.load();
    private final AtomicInteger streams = new AtomicInteger();

    PageRoutes(
            Provider<Guardian> guardian,
            Provider<ProxyCounters> proxy,
            Provider<PageReport> report,
            Provider<Timeline> timeline) {
        this.guardian = guardian;
        this.proxy = proxy;
        this.report = report;
        this.timeline = timeline;
    }

    void register(@Observes Router router) {
        LoopbackOnly loopbackOnly = new LoopbackOnly();
        router.get("/").handler(loopbackOnly).handler(this::page);
        router.get("/status.svg").handler(loopbackOnly).handler(this::picture);
        router.get("/events").handler(loopbackOnly).handler(this::events);
    }

    private void page(RoutingContext context) {
        end(
                context,
                "text/html; charset=utf-8",
                page.contentSecurityPolicy(),
                page.with(report.get().of(guardian.get().tokenStatus())));
    }

    private void picture(RoutingContext context) {
        end(
                context,
                "image/svg+xml",
                PICTURE_POLICY,
                new CheckSvg(timeline.get()).of(guardian.get().tokenStatus()));
    }

    private static void end(RoutingContext context, String type, String contentSecurityPolicy, String body) {
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("Content-Security-Policy", contentSecurityPolicy)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .end(body);
    }

    private void events(RoutingContext context) {
        if (streams.incrementAndGet() > MOST_STREAMS) {
            streams.decrementAndGet();
            context.response().setStatusCode(503).end("at most " + MOST_STREAMS + " pages at a time\n");
            return;
        }
        PageStream stream = new PageStream(context.response(), guardian.get()::shownStatus, proxy.get(), report.get());
        stream.start(context.vertx(), streams::decrementAndGet);
    }
}
