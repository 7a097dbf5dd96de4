package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tokenguardian.proxy.http.HeaderList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The header names that {@code Connection} lists, which are only for a single hop (RFC 9110, section 7.6.1). */
final class ConnectionHeader {

    /** Values that name no header, a header that is always removed or replaced, or one that the end of a body needs. */
    private static final Set<String> IGNORED =
            Set.of("", "close", "keep-alive", "upgrade", "content-length", "transfer-encoding");

    private ConnectionHeader() {}

    /** Returns the names in lower case. */
    private static Set<String> names(HttpHeaders headers) {
        List<String> values = headers.getAll(HttpHeaderNames.CONNECTION);
        if (values.size() == 1 && isOption(values.get(0))) {
            return Set.of(); // as for nearly all messages with this header
        }
        Set<String> names = new HashSet<>();
        for (String value : values) {
            for (String part : value.split(",", -1)) {
                names.add(part.strip().toLowerCase(Locale.ROOT));
            }
        }
        names.removeAll(IGNORED);
        return names;
    }

    private static boolean isOption(String value) {
        return value.equalsIgnoreCase("keep-alive") || value.equalsIgnoreCase("close");
    }

    /** Removes the headers with these names. */
    static void removeNamed(HttpHeaders headers) {
        Set<String> names = names(headers);
        if (!names.isEmpty()) {
            HeaderList.removeIf(headers, name -> names.contains(name.toString().toLowerCase(Locale.ROOT)));
        }
    }
}
