package io.tokenguardian.apiserver;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Promise;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A request and the promise of its response. Use this only on the event loop, except for {@link #sentAt}, which any
 * thread may read.
 *
 * @param maxBody the maximum size of the response's body in bytes
 * @param sentAt when the request was written; null until then
 */
record ProbeExchange(
        FullHttpRequest request, int maxBody, Promise<Response> response, AtomicReference<@Nullable Instant> sentAt) {

    /**
     * A complete response.
     *
     * @param sentAt the time just before the request was written
     * @param receivedAt when the headers of the response arrived
     * @param body decoded as UTF-8
     * @param reusable whether the connection can be used again
     */
    record Response(
            Instant sentAt, Instant receivedAt, int status, HttpHeaders headers, String body, boolean reusable) {}

    /** The usual maximum size of a body, which is enough for any response to a probe. */
    static final int USUAL_BODY = 64 << 10;

    /** Leaves out the request, because its headers contain a token. */
    @Override
    public String toString() {
        return "ProbeExchange";
    }
}
