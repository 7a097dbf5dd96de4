package io.tokenguardian.report;

import io.quarkus.runtime.Quarkus;
import io.tokenguardian.guardian.Guardian;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The local listener: {@code GET /status} and {@code POST /quit}.
 *
 * <p>A web page can have a browser ask {@code localhost}, through a port-forward or by rebinding its own name to it:
 * hosts and origins other than the loopback names are refused.
 */
@Singleton
final class LocalRoutes {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    private final Provider<Guardian> guardian;
    private final Provider<StatusReport> report;

    LocalRoutes(Provider<Guardian> guardian, Provider<StatusReport> report) {
        this.guardian = guardian;
        this.report = report;
    }

    void register(@Observes Router router) {
        router.get("/status").handler(this::refuseForeign).handler(this::status);
        router.post("/quit").handler(this::refuseForeign).handler(LocalRoutes::quit);
    }

    private void refuseForeign(RoutingContext context) {
        HostAndPort authority = context.request().authority();
        String origin = context.request().getHeader(HttpHeaders.ORIGIN);
        if (authority != null && LOOPBACK.contains(authority.host()) && isLoopback(origin)) {
            context.next();
            return;
        }
        context.response()
                .setStatusCode(403)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain")
                .end("only for localhost, 127.0.0.1 and [::1]\n");
    }

    private static boolean isLoopback(@Nullable String origin) {
        if (origin == null) {
            return true;
        }
        try {
            String host = URI.create(origin).getHost();
            return host != null && LOOPBACK.contains(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void status(RoutingContext context) {
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end(report.get().of(guardian.get().situation()).encodePrettily() + "\n");
    }

    private static void quit(RoutingContext context) {
        context.response().end("quitting\n").onComplete(sent -> Quarkus.asyncExit(0));
    }
}
