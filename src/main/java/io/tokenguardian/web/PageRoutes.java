package io.tokenguardian.web;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.CheckSvg;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.function.BiFunction;

/**
 * The routes for a browser: {@code GET /}, the page, whose script polls {@code GET /status} and {@code GET
 * /clocks.svg}, and {@code GET /status.svg}.
 */
@Singleton
final class PageRoutes {
    /** The content security policy of the pictures, which contain their own style and load nothing. */
    private static final String PICTURE_POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

    private final Provider<Guardian> guardian;
    private final Provider<Timeline> timeline;
    private final Page page = Page.load();

    PageRoutes(Provider<Guardian> guardian, Provider<Timeline> timeline) {
        this.guardian = guardian;
        this.timeline = timeline;
    }

    void register(@Observes Router router) {
        LoopbackOnly loopbackOnly = new LoopbackOnly();
        router.get("/").handler(loopbackOnly).handler(this::page);
        router.get("/status.svg").handler(loopbackOnly).handler(context -> picture(context, CheckSvg::of));
        router.get("/clocks.svg").handler(loopbackOnly).handler(context -> picture(context, CheckSvg::clocksOf));
    }

    private void page(RoutingContext context) {
        end(context, "text/html; charset=utf-8", page.contentSecurityPolicy(), page.html());
    }

    private void picture(RoutingContext context, BiFunction<CheckSvg, TokenStatus, String> drawing) {
        CheckSvg svg = new CheckSvg(timeline.get());
        end(
                context,
                "image/svg+xml",
                PICTURE_POLICY,
                drawing.apply(svg, guardian.get().tokenStatus()));
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
}
