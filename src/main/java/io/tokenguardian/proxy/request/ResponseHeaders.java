package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.Set;

/**
 * Turns the API server's response into the caller's response, in place. Changes only headers that are for a single hop;
 * all others keep their names, values and order.
 */
public final class ResponseHeaders {

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

    private static final Set<String> FRAMING = Set.of("content-length", "transfer-encoding");

    private ResponseHeaders() {}

    /** Returns whether another request may follow; if not, {@code Connection: close} must be added. */
    static boolean sanitize(HttpResponse response, UpstreamRequest head) {
        HttpHeaders headers = response.headers();
        // The response gets the proxy's own version, regardless of the server's version (RFC 9110, section 6.2).
        response.setProtocolVersion(HttpVersion.HTTP_1_1);
        removeHopByHop(headers);
        if (response.status().code() == 204) {
            removeFraming(headers);
        }
        boolean keepAlive = head.keepAlive();
        boolean bodiless = head.isHead() || isBodiless(response.status());
        boolean framed = bodiless || headers.contains(HttpHeaderNames.CONTENT_LENGTH);
        if (head.callerMinorVersion() == 0) {
            headers.remove(HttpHeaderNames.TRANSFER_ENCODING); // HTTP/1.0 has no chunks, so the close ends the body
            keepAlive &= framed;
            if (keepAlive) {
                headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
            }
        } else if (!framed && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        return keepAlive;
    }

    private static boolean isBodiless(HttpResponseStatus status) {
        return status.code() == 204 || status.code() == 304;
    }

    /** Removes headers that a 1xx or 204 must not have (RFC 9110, section 8.6; RFC 9112, section 6.1). */
    static void removeFraming(HttpHeaders headers) {
        headers.remove(HttpHeaderNames.CONTENT_LENGTH);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
    }

    /** For a 1xx except 101. */
    static void fitInformational(HttpResponse response) {
        removeHopByHop(response.headers());
        fitSwitch(response);
    }

    /** For a 101, which keeps {@code Connection} and {@code Upgrade}. */
    static void fitSwitch(HttpResponse response) {
        response.setProtocolVersion(HttpVersion.HTTP_1_1);
        removeFraming(response.headers());
    }

    /** Whether closing the connection marks the end of the body. */
    public static boolean endsWithConnection(HttpResponse response) {
        HttpHeaders headers = response.headers();
        return !isBodiless(response.status())
                && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    }

    static void removeHopByHop(HttpHeaders headers) {
        if (headers.contains(HttpHeaderNames.CONNECTION)) {
            ConnectionHeader.removeNamed(headers, FRAMING);
            headers.remove(HttpHeaderNames.CONNECTION);
        }
        headers.remove(KEEP_ALIVE);
        headers.remove(PROXY_CONNECTION);
        headers.remove(HttpHeaderNames.UPGRADE);
    }
}
