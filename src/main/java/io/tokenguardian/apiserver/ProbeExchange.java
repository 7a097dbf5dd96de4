package io.tokenguardian.apiserver;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Promise;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A request and the promise of its response. Only for the event loop, except for {@link #sentAt}. */
public final class ProbeExchange {

    /**
     * A complete response.
     *
     * @param sentAt the time just before the request was written
     * @param receivedAt when the headers of the response arrived
     * @param reusable whether the connection can be used again
     */
    public record Response(
            Instant sentAt, Instant receivedAt, int status, HttpHeaders headers, String body, boolean reusable) {}

    /** The usual maximum size of a body, which is enough for any response to a probe. */
    static final int USUAL_BODY = 64 << 10;

    private final FullHttpRequest request;
    private final int maxBody;
    private final Promise<Response> response;
    private volatile @Nullable Instant sentAt;

    /** @param maxBody the maximum size of the response's body in bytes */
    ProbeExchange(FullHttpRequest request, int maxBody, Promise<Response> response) {
        this.request = request;
        this.maxBody = maxBody;
        this.response = response;
    }

    FullHttpRequest request() {
        return request;
    }

    int maxBody() {
        return maxBody;
    }

    Promise<Response> response() {
        return response;
    }

    /** Returns when the request was written; null until then. */
    @Nullable
    Instant sentAt() {
        return sentAt;
    }

    void markSent(Instant now) {
        sentAt = now;
    }
}
