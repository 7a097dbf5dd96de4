package io.tokenguardian.proxy.http;

import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Creates the names of received headers. A frequent name is always represented by the same object. */
final class HeaderNames {

    /** As curl, Go's client and server, and the API server write them. */
    private static final List<String> FREQUENT = List.of(
            "Accept",
            "Accept-Encoding",
            "Audit-Id",
            "Authorization",
            "Cache-Control",
            "Connection",
            "Content-Encoding",
            "Content-Length",
            "Content-Type",
            "Date",
            "Host",
            "Transfer-Encoding",
            "User-Agent",
            "Vary",
            "Warning",
            "X-Kubernetes-Pf-Flowschema-Uid",
            "X-Kubernetes-Pf-Prioritylevel-Uid");

    private static final AsciiString[][] BY_LENGTH = byLength();

    private HeaderNames() {}

    private static AsciiString[][] byLength() {
        int longest = FREQUENT.stream().mapToInt(String::length).max().orElseThrow();
        AsciiString[][] names = new AsciiString[longest + 1][];
        for (int length = 0; length <= longest; length++) {
            int each = length;
            names[length] = FREQUENT.stream()
                    .filter(name -> name.length() == each)
                    .map(AsciiString::cached)
                    .toArray(AsciiString[]::new);
        }
        return names;
    }

    /** Keeps the case. Throws {@link IllegalArgumentException} if the name is not a token (RFC 9110, section 5.6.2). */
    static AsciiString of(byte[] line, int start, int length) {
        AsciiString frequent = frequent(line, start, length);
        if (frequent != null) {
            return frequent;
        }
        AsciiString name = new AsciiString(line, start, length, true);
        if (length == 0 || HttpHeaderValidationUtil.validateToken(name) >= 0) {
            throw new IllegalArgumentException("a header name is not a token");
        }
        return name;
    }

    private static @Nullable AsciiString frequent(byte[] line, int start, int length) {
        if (length >= BY_LENGTH.length) {
            return null;
        }
        for (AsciiString name : BY_LENGTH[length]) {
            if (Arrays.equals(name.array(), 0, length, line, start, start + length)) {
                return name;
            }
        }
        return null;
    }
}
