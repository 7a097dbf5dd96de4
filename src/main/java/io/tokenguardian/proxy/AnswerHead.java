package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.List;

/**
 * The API server's answer made into the one that the caller gets: the same but for what belongs to a single hop. The
 * headers are changed in place; names, values and order of all others stay.
 */
final class AnswerHead {

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

    private AnswerHead() {}

    /**
     * Makes {@code response} fit for the caller's connection.
     *
     * @return whether the connection can go on after it
     */
    static boolean fit(HttpResponse response, RequestHead head) {
        HttpHeaders headers = response.headers();
        // This side's own, whatever the other's (RFC 9110, section 6.2).
        response.setProtocolVersion(HttpVersion.HTTP_1_1);
        removeHopByHop(headers);
        if (response.status().code() == 204) {
            removeFraming(headers);
        }
        boolean keepAlive = head.keepAlive();
        boolean bodiless = head.isHead() || isBodiless(response.status());
        boolean framed = bodiless || headers.contains(HttpHeaderNames.CONTENT_LENGTH);
        if (head.callerMinorVersion() == 0) {
            headers.remove(HttpHeaderNames.TRANSFER_ENCODING); // chunks came with HTTP/1.1: the end is the close
            keepAlive &= framed;
            if (keepAlive) {
                headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
            }
        } else if (!framed && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        if (!keepAlive) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        return keepAlive;
    }

    private static boolean isBodiless(HttpResponseStatus status) {
        return status.code() == 204 || status.code() == 304;
    }

    /** Drops what an answer of status 1xx or 204 must not have (RFC 9110, section 8.6; RFC 9112, section 6.1). */
    static void removeFraming(HttpHeaders headers) {
        headers.remove(HttpHeaderNames.CONTENT_LENGTH);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
    }

    /** Makes a 1xx that is not the answer yet fit for the caller's connection. */
    static void fitInformational(HttpResponse response) {
        removeHopByHop(response.headers());
        fitSwitch(response);
    }

    /** Makes a 101 fit for the caller's connection; it keeps {@code Connection} and {@code Upgrade}. */
    static void fitSwitch(HttpResponse response) {
        response.setProtocolVersion(HttpVersion.HTTP_1_1);
        removeFraming(response.headers());
    }

    /** Whether the end of the body is the end of the connection. */
    static boolean endsWithConnection(HttpResponse response) {
        HttpHeaders headers = response.headers();
        return !isBodiless(response.status())
                && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    }

    static void removeHopByHop(HttpHeaders headers) {
        if (headers.contains(HttpHeaderNames.CONNECTION)) {
            List<String> values = headers.getAll(HttpHeaderNames.CONNECTION);
            headers.remove(HttpHeaderNames.CONNECTION);
            for (String value : values) {
                for (String name : value.split(",", -1)) {
                    if (!name.isBlank() && !isFraming(name.strip())) {
                        headers.remove(name.strip());
                    }
                }
            }
        }
        headers.remove(KEEP_ALIVE);
        headers.remove(PROXY_CONNECTION);
        headers.remove(HttpHeaderNames.UPGRADE);
    }

    private static boolean isFraming(String name) {
        return HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)
                || HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(name);
    }
}
