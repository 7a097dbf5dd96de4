package io.tokenguardian.proxy;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.tokenguardian.token.Token;

/**
 * Finds out whether a replica accepts the token, by a small request of its own, before a request goes there whose 401
 * could not be repaired. After a 401 that a retry may fix, the exchange retries, as for a 401 to the request itself.
 * After any other response, the request is sent: over this connection, or over another one if this one has ended.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class Proof implements ResponseListener {

    /** It costs the API server no look at its storage, and a refused token gets 401 (docs/api-server.md). */
    private static final String PATH = "/version";

    private final Exchange exchange;
    private final Upstream upstream;
    private final Token token;
    private final long sentAt;

    /**
     * Whether it has to be shown first that the replica of {@code upstream} accepts {@code token}: a 401 may be a
     * backend's, or a refusal may lose the request, since its body is not complete yet and what is sent of it may be
     * gone.
     */
    static boolean isNeeded(Exchange exchange, Upstream upstream, Token token, UpstreamPool upstreams) {
        return !upstream.tokens().isProven(token)
                && exchange.retryState().mayNeedProof()
                && (mayReachBackend(exchange)
                        || (mayBeLost(exchange) && upstreams.search().isLimitedFor(exchange)));
    }

    /** A token that no replica is known to accept is sent for the sake of the API server's own 401. */
    private static boolean mayReachBackend(Exchange exchange) {
        return exchange.head().mayReachBackend() && !exchange.tokens().usable().isEmpty();
    }

    private static boolean mayBeLost(Exchange exchange) {
        return !(exchange.body().isComplete() && exchange.body().isReplayable());
    }

    Proof(Exchange exchange, Upstream upstream, Token token) {
        this.exchange = exchange;
        this.upstream = upstream;
        this.token = token;
        this.sentAt = exchange.context().nanoTime().getAsLong();
    }

    /** Sends the small request over the upstream, which is leased to the exchange. */
    void begin() {
        upstream.lease(this, false);
        HttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, PATH, Unpooled.EMPTY_BUFFER);
        request.headers()
                .set(HttpHeaderNames.HOST, exchange.context().hostHeader())
                .set(HttpHeaderNames.AUTHORIZATION, exchange.context().bearer().of(token));
        upstream.channel().writeAndFlush(request);
    }

    @Override
    public void onResponseHead(HttpResponse response) {
        RetryPolicy.Retry retry = HttpResponseStatus.UNAUTHORIZED.equals(response.status())
                ? exchange.retryState().onUnauthorized(token, response.headers(), sentAt, true)
                : null;
        if (retry != null) {
            Attempt.retry(exchange, upstream, token, retry, true);
            return;
        }
        // The request itself is sent now, without another proof. After a 401 that no retry fixes, it gets a 401 too.
        // After any other response the server may close the connection, and proofs on new ones could go on for ever.
        exchange.retryState().skipProofs();
        if (!HttpResponseStatus.UNAUTHORIZED.equals(response.status())) {
            upstream.responded(token, response.status());
        }
        exchange.endAttempt();
        upstream.discardRest(() -> upstream.retry(exchange), exchange::proceed);
    }

    @Override
    public void onResponseContent(HttpContent content) {
        content.release(); // never called: onResponseHead hands the rest to another listener
    }

    @Override
    public void onUpstreamFailed(UpstreamFailure cause) {
        if (exchange.retryState().onUpstreamFailed(cause, upstream, true, null)) {
            exchange.endAttempt();
            exchange.proceed();
        } else {
            // The request itself was not sent.
            exchange.fail(ProxyFault.UPSTREAM_UNREACHABLE, "the connection ended without a response to GET " + PATH);
        }
    }
}
