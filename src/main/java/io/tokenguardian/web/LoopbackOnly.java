package io.tokenguardian.web;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Refuses a request with 403 unless its host is a loopback name and so is its origin, if any, so that no web page can
 * make a browser send requests here (docs/decisions/status.md). A person may follow a link from another site.
 */
final class LoopbackOnly implements Handler<RoutingContext> {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    /** An origin as defined in RFC 6454, section 6.2: just scheme, host and port. */
    private static final Pattern ORIGIN =
            Pattern.compile("https?://(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]{1,5})?", Pattern.CASE_INSENSITIVE);

    @Override
    public void handle(RoutingContext context) {
        if (isToLoopback(context.request()) && hasAllowedOrigin(context.request())) {
            context.next();
            return;
        }
        context.response()
                .setStatusCode(403)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain")
                .end("only for localhost, 127.0.0.1 and [::1]\n");
    }

    private static boolean isToLoopback(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        return authority != null
                && LOOPBACK.contains(authority.host())
                && request.headers().getAll(HttpHeaders.HOST).size() <= 1;
    }

    private static boolean hasAllowedOrigin(HttpServerRequest request) {
        List<String> origins = request.headers().getAll(HttpHeaders.ORIGIN);
        if (origins.isEmpty()) {
            return !request.headers().contains("Sec-Fetch-Site", "cross-site", true) || isFollowedLink(request);
        }
        return origins.size() == 1 && ORIGIN.matcher(origins.get(0)).matches();
    }

    /** The response to a link that a person has followed appears in its own window, where no page can read it. */
    private static boolean isFollowedLink(HttpServerRequest request) {
        return request.method().equals(HttpMethod.GET)
                && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
                && "document".equals(request.getHeader("Sec-Fetch-Dest"));
    }
}
