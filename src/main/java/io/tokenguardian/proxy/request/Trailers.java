package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.tokenguardian.proxy.http.HeaderList;
import java.util.Locale;
import java.util.Set;

/** Removes trailers that a reader might confuse with header fields (RFC 9110, section 6.5.1). */
final class Trailers {

    private static final Set<String> NEVER = Set.of(
            "content-encoding", "content-length", "content-range", "content-type", "trailer", "transfer-encoding");

    private Trailers() {}

    /** Does nothing unless {@code part} is the last part of its message. */
    static void clean(HttpContent part) {
        if (part instanceof LastHttpContent last && !last.trailingHeaders().isEmpty()) {
            HeaderList.removeIf(last.trailingHeaders(), Trailers::isForbidden);
        }
    }

    private static boolean isForbidden(CharSequence name) {
        String lower = name.toString().toLowerCase(Locale.ROOT);
        return UpstreamRequest.isDropped(name) || NEVER.contains(lower);
    }
}
