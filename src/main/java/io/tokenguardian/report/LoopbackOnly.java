package io.tokenguardian.report;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests pass that name this machine by a loopback name, as host and, from a page, as origin. A web page can have
 * a browser ask {@code localhost}, through a port-forward or by rebinding its own name to it: others get 403.
 */
final class LoopbackOnly implements Handler<RoutingContext> {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    @Override
    public void handle(RoutingContext context) {
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
}
