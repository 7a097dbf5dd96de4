package io.tokenguardian.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;

/**
 * Checks that all readers of the headers would agree on where the request ends and which host it is for (RFC 9112,
 * sections 3.2 and 6). The decoder has already refused headers with more than one length, or with both a length and a
 * chunked body.
 */
public final class FramingRule {

    private FramingRule() {}

    public static void check(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            throw RequestRefusedException.of(request.decoderResult());
        }
        List<String> encodings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (encodings.size() > 1
                || (encodings.size() == 1 && !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.get(0)))) {
            throw RequestRefusedException.malformed("the only Transfer-Encoding allowed is chunked, once");
        }
        if (request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
            throw RequestRefusedException.malformed("exactly one Host header is required");
        }
        checkTarget(request);
    }

    private static void checkTarget(HttpRequest request) {
        if (HttpMethod.CONNECT.equals(request.method())) {
            throw RequestRefusedException.malformed("CONNECT is not supported");
        }
        String target = request.uri();
        boolean originForm = !target.isEmpty() && target.charAt(0) == '/';
        if (!originForm && !(target.equals("*") && HttpMethod.OPTIONS.equals(request.method()))) {
            throw RequestRefusedException.malformed("the request target is not a path");
        }
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#' || c == '\\') {
                throw RequestRefusedException.malformed("a character in the request target must be percent-encoded");
            }
        }
    }
}
