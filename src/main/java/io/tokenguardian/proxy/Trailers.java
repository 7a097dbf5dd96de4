package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Locale;
import java.util.Set;

/**
 * What may stand behind a body (RFC 9110, section 6.5.1): nothing that a reader might take for a part of the head, such as who asks, what
 * for, or how the message is framed.
 */
final class Trailers {

    private static final String IMPERSONATE = "impersonate-";
    private static final Set<String> NEVER = Set.of(
            "authorization",
            "content-encoding",
            "content-length",
            "content-range",
            "content-type",
            "cookie",
            "expect",
            "host",
            "sec-websocket-protocol",
            "trailer",
            "transfer-encoding");

    private Trailers() {}

    /** Drops the trailers of {@code part}, if it is the last one, that may not stand there. */
    static void clean(HttpContent part) {
        if (part instanceof LastHttpContent last && !last.trailingHeaders().isEmpty()) {
            HttpHeaders trailers = last.trailingHeaders();
            for (String name : trailers.names()) {
                String lower = name.toLowerCase(Locale.ROOT);
                if (RequestHead.isDropped(name) || NEVER.contains(lower) || lower.startsWith(IMPERSONATE)) {
                    trailers.remove(name);
                }
            }
        }
    }
}
