package io.tokenguardian.standin;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a request, as received.
 *
 * @param replica the index of the replica that received the request
 * @param connection the number of the connection, counted from 1 across all replicas
 * @param uri the path and the query
 * @param headers keyed by lower-case name, without credentials; empty if requests are not recorded
 */
public record ReceivedHead(int replica, long connection, String method, String uri, Map<String, List<String>> headers) {

    /** The header that tests use to mark their requests. */
    public static final String MARKER = "X-Test-Id";

    /** Returns the headers of a request, keyed by lower-case name, without the credentials. */
    static Map<String, List<String>> withoutCredentials(HttpHeaders headers) {
        Map<String, List<String>> byName = new TreeMap<>();
        for (String name : headers.names()) {
            String lower = name.toLowerCase(Locale.ROOT);
            List<String> values = headers.getAll(name);
            if (lower.equals("sec-websocket-protocol")) {
                values = values.stream()
                        .filter(value -> !value.contains("base64url.bearer."))
                        .toList();
            }
            if (!lower.equals("authorization")) {
                byName.put(lower, values);
            }
        }
        return byName;
    }

    /** The path without the query. */
    public String path() {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    /** The first value of a header; null if the header is absent. */
    public @Nullable String header(String name) {
        List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
        return values == null || values.isEmpty() ? null : values.get(0);
    }

    /** The value of {@link #MARKER}; null for none. */
    public @Nullable String marker() {
        return header(MARKER);
    }
}
