package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;

/**
 * Turns the API server's response into the caller's response, in place. Changes only headers that are for a single hop;
 * all others keep their names, values and order.
 */
final class ResponseHeaders {

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

    private ResponseHeaders() {}

    /** A body without a length, which ends with the server's connection, is passed on in chunks. */
    static void sanitize(HttpResponse response, boolean toHead) {
        HttpHeaders headers = response.headers();
        int status = response.status().code();
        removeHopByHop(headers);
        if (status == 204) {
            removeFraming(headers);
        } else if (!toHead
                && status != 304
                && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
    }

    /**
     * Removes headers that a 1xx or 204 must not have (RFC 9110, section 8.6; RFC 9112, section 6.1). A 101 keeps all
     * others, even {@code Connection} and {@code Upgrade}.
     */
    static void removeFraming(HttpHeaders headers) {
        headers.remove(HttpHeaderNames.CONTENT_LENGTH);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
    }

    /** For a 1xx except 101. */
    static void fitInformational(HttpResponse response) {
        removeHopByHop(response.headers());
        removeFraming(response.headers());
    }

    static void removeHopByHop(HttpHeaders headers) {
        if (headers.contains(HttpHeaderNames.CONNECTION)) {
            ConnectionHeader.removeNamed(headers);
            headers.remove(HttpHeaderNames.CONNECTION);
        }
        headers.remove(KEEP_ALIVE);
        headers.remove(PROXY_CONNECTION);
        headers.remove(HttpHeaderNames.UPGRADE);
    }
}
