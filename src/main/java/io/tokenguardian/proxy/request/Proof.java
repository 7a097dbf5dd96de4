package io.tokenguardian.proxy.request;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.tokenguardian.concurrent.LoggedTask;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.request.RetryPolicy.Unauthorized;
import io.tokenguardian.proxy.upstream.ConnectionFault;
import io.tokenguardian.proxy.upstream.Lease;
import io.tokenguardian.proxy.upstream.LeaseRequest;
import io.tokenguardian.proxy.upstream.ReplicaSearch;
import io.tokenguardian.proxy.upstream.ResponseListener;
import io.tokenguardian.proxy.upstream.Upstream;
import io.tokenguardian.proxy.upstream.UpstreamFailure;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Sends a {@code GET /version} to find out whether a replica accepts the token, before a request that could not be sent
 * again after a 401. After any response but a 401 that a retry may fix, the request itself is sent, over any
 * connection. If no response arrives, another connection is tried, because nothing of the request itself has been sent.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class Proof implements ResponseListener {

    /** Needs no access to the API server's storage, and a refused token gets a 401 (docs/api-server.md). */
    static final String PATH = "/version";

    static final Duration MAX_TIME = Duration.ofSeconds(5);

    static final ConnectionFault SILENT = new ConnectionFault(
            ProxyFault.UPSTREAM_SILENT, "no response to GET " + PATH + " within " + MAX_TIME.toSeconds() + " s", false);

    static final ConnectionFault NO_RESPONSE = new ConnectionFault(
            ProxyFault.UPSTREAM_UNREACHABLE, "the connection ended without a response to GET " + PATH, false);

    private final Exchange exchange;
    private final RequestParts parts;
    private final Lease lease;
    private final Upstream upstream;
    private final Token token;
    private final long sentAt;
    private final Future<?> timeout;
    private ConnectionFault fault = NO_RESPONSE;

    /**
     * Whether the replica of {@code upstream} must first be known to accept {@code token}: because a 401 may be a
     * backend's or about the request itself, or because a refusal might lose the request's body.
     */
    static boolean isNeeded(
            RequestParts parts, LeaseRequest request, Upstream upstream, Token token, ReplicaSearch search) {
        RetryState retryState = parts.retryState();
        if (retryState.isProofNeeded()) {
            return !search.hasGivenUp();
        }
        return !upstream.tokens().isProven(token)
                && retryState.mayNeedProof()
                && (mayReachBackend(parts) || (mayBeLost(parts) && search.isLimitedFor(request)));
    }

    /** False if no replica is known to accept the token: the request is then sent to get the API server's own 401. */
    private static boolean mayReachBackend(RequestParts parts) {
        return parts.head().mayReachBackend() && !parts.tokens().usable().isEmpty();
    }

    private static boolean mayBeLost(RequestParts parts) {
        return !(parts.body().isComplete() && parts.body().isReplayable());
    }

    Proof(Exchange exchange, RequestParts parts, Lease lease, Token token) {
        this.exchange = exchange;
        this.parts = parts;
        this.lease = lease;
        this.upstream = lease.upstream();
        this.token = token;
        this.sentAt = parts.context().nanoTime().getAsLong();
        this.timeout = upstream.channel()
                .eventLoop()
                .schedule(new LoggedTask(this::timeOut), MAX_TIME.toMillis(), TimeUnit.MILLISECONDS);
    }

    static HttpRequest request(RequestContext context, Token token) {
        HttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, PATH, Unpooled.EMPTY_BUFFER);
        request.headers()
                .set(HttpHeaderNames.HOST, context.hostHeader())
                .set(HttpHeaderNames.AUTHORIZATION, context.bearer().of(token));
        return request;
    }

    void begin() {
        upstream.begin(this, false);
        upstream.channel().writeAndFlush(request(parts.context(), token));
    }

    /** If the exchange still waits for this proof, {@link #onUpstreamFailed} follows. */
    private void timeOut() {
        fault = SILENT;
        upstream.channel().close();
    }

    @Override
    public void onResponseHead(HttpResponse response) {
        timeout.cancel(false);
        boolean refused = HttpResponseStatus.UNAUTHORIZED.equals(response.status());
        RetryPolicy.Retry retry = refused ? parts.retryState().onUnauthorized(unauthorized(response), true) : null;
        if (retry != null) {
            exchange.onRefused(lease, retry, true);
            return;
        }
        // The request itself is sent now, without another proof. If the proof got a 401 that no retry can fix, the
        // request gets a 401 too. After any other response, the server may have closed the connection, and another
        // proof could repeat that forever.
        parts.retryState().onProven();
        if (!refused) {
            lease.responded(token, response.status());
        }
        exchange.onProven(lease);
    }

    private Unauthorized unauthorized(HttpResponse response) {
        return new Unauthorized(
                token, response.headers(), sentAt, parts.context().nanoTime().getAsLong(), true);
    }

    @Override
    public void onUpstreamFailed(UpstreamFailure cause) {
        timeout.cancel(false);
        if (parts.retryState().onProofLost(cause)) {
            exchange.onConnectionLost();
        } else {
            exchange.fail(fault.fault(), fault.detail());
        }
    }
}
