package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** All faults, each with the proxy's own response: a Kubernetes {@code Status} in JSON. */
public enum ProxyFault {
    /** The request is not HTTP, or two readers could parse it differently. */
    MALFORMED(400, "BadRequest", "the request is malformed", false),
    TARGET_TOO_LONG(414, "RequestURITooLong", "the request line is too long", false),
    HEAD_TOO_LARGE(431, "RequestHeaderFieldsTooLarge", "the request's headers are too large", false),

    HOST_REFUSED(403, "Forbidden", "the host is not accepted", false),
    ORIGIN_REFUSED(403, "Forbidden", "the origin is not accepted", false),
    AUTHORIZATION_REFUSED(403, "Forbidden", "the caller's own credential is not accepted", false),

    /** No token was usable, or no connection to a replica that accepts it, for {@code hold-timeout}. */
    NOT_ACCEPTED_IN_TIME(503, "ServiceUnavailable", "the pod's token was not accepted in time", true),
    /** The guardian is off and has not read a token yet. */
    NO_TOKEN(503, "ServiceUnavailable", "no token to send", true),
    TOO_MANY_HELD(503, "ServiceUnavailable", "too many requests are waiting for the pod's token to be accepted", true),
    /** The requests in progress have used up a memory budget, or the places for connections or incomplete bodies. */
    OVERLOADED(503, "ServiceUnavailable", "the proxy is overloaded", true),
    SHUTTING_DOWN(503, "ServiceUnavailable", "the proxy is shutting down", true),

    /** The name lookup, the TCP connection, the TLS handshake or the proof took too long. The request was not sent. */
    UPSTREAM_SILENT(504, "Timeout", "the API server does not respond", true),

    /** No connection, a certificate that is not trusted, or no response to a proof. The request was not sent. */
    UPSTREAM_UNREACHABLE(502, "BadGateway", "the API server can't be reached", true),

    /** The connection ended before the response, or the response was not HTTP. The request may have been executed. */
    UPSTREAM_BROKE(502, "BadGateway", "the API server sent no valid response; it may have executed the request", false);

    /** Used if it is unknown when a token will be usable. */
    public static final Duration DEFAULT_RETRY_AFTER = Duration.ofSeconds(1);

    private final int code;
    private final String reason;
    private final String message;
    private final boolean retriable;

    ProxyFault(int code, String reason, String message, boolean retriable) {
        this.code = code;
        this.reason = reason;
        this.message = message;
        this.retriable = retriable;
    }

    int code() {
        return code;
    }

    /** Whether one of the operator's rules refused the request. */
    public boolean isRefusalByRule() {
        return code == 403;
    }

    /**
     * Builds the complete response.
     *
     * @param detail appended to the message; must contain no secret
     * @param retryAfter rounded up to whole seconds, at least one; ignored if a retry makes no sense
     */
    public FullHttpResponse response(@Nullable String detail, Duration retryAfter) {
        long seconds = Math.max(1, (retryAfter.toMillis() + 999) / 1000);
        JsonObject status = new JsonObject()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("metadata", new JsonObject())
                .put("status", "Failure")
                .put("message", "token-guardian: " + message + (detail == null ? "" : ": " + detail))
                .put("reason", reason);
        if (retriable) {
            status.put("details", new JsonObject().put("retryAfterSeconds", seconds));
        }
        String json = status.put("code", code).encode() + "\n";
        ByteBuf content = Unpooled.wrappedBuffer(json.getBytes(StandardCharsets.UTF_8));
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code), content);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes())
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, private");
        if (retriable) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, seconds);
        }
        return response;
    }
}
