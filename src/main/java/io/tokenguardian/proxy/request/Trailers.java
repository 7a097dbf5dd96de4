package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpHeaders;
import io.tokenguardian.proxy.http.HeaderList;
import java.util.Locale;
import java.util.Set;

/** Removes trailers that a reader might confuse with header fields (RFC 9110, section 6.5.1). */
final class Trailers {

    private static final Set<String> NEVER = Set.of(
            "content-encoding", "content-length", "content-range", "content-type", "trailer", "transfer-encoding");

    private Trailers() {}

    static void clean(HttpHeaders trailers) {
        HeaderList.removeIf(trailers, Trailers::isForbidden);
    }

    private static boolean isForbidden(CharSequence name) {
        String lower = name.toString().toLowerCase(Locale.ROOT);
        return UpstreamRequest.isDropped(name) || NEVER.contains(lower);
    }
}
