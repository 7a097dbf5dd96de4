package io.tokenguardian.proxy.request;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.request.RetryPolicy.Unauthorized;
import io.tokenguardian.proxy.upstream.Lease;
import io.tokenguardian.proxy.upstream.LeaseEnd;
import io.tokenguardian.proxy.upstream.ResponseListener;
import io.tokenguardian.proxy.upstream.TokenRefusal;
import io.tokenguardian.proxy.upstream.Upstream;
import io.tokenguardian.proxy.upstream.UpstreamFailure;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of an {@link Exchange}: its request, sent over one upstream, and the response. The response is relayed to
 * the caller, or opens a tunnel. If the connection was stale, or a retry may fix a 401, the exchange begins another
 * attempt.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class Attempt implements ResponseListener {

    private final Exchange exchange;
    private final Lease lease;
    private final Upstream upstream;
    private final @Nullable Token token;
    private @Nullable ChannelFuture headWritten;
    private long sentAt;
    private boolean unflushed;

    /** @param token the token to send; null if the caller's own credential is sent */
    Attempt(Exchange exchange, Lease lease, @Nullable Token token) {
        this.exchange = exchange;
        this.lease = lease;
        this.upstream = lease.upstream();
        this.token = token;
    }

    // The request

    /** Sends the headers, and the part of the body that has been received so far. */
    void send() {
        UpstreamRequest head = exchange.head();
        upstream.begin(this, head.isHead());
        if (token != null) {
            head.request()
                    .headers()
                    .set(
                            HttpHeaderNames.AUTHORIZATION,
                            exchange.context().bearer().of(token));
        }
        Channel channel = upstream.channel();
        sentAt = exchange.context().nanoTime().getAsLong();
        headWritten = exchange.body().send(head.request(), channel);
        channel.flush();
    }

    /** Writes another part of the body, which the next {@link #flush()} sends. */
    void send(HttpContent part) {
        exchange.body().passOn(part, upstream.channel());
        unflushed = true;
    }

    void flush() {
        if (unflushed) {
            unflushed = false;
            exchange.body().writeJoined(upstream.channel());
            upstream.channel().flush();
        }
    }

    Upstream upstream() {
        return upstream;
    }

    @Override
    public void onWritabilityChanged() {
        exchange.updateBodyReading();
    }

    // The response

    @Override
    public void onInformational(HttpResponse response) {
        UpstreamRequest head = exchange.head();
        boolean wanted = head.expectsContinue() || !HttpResponseStatus.CONTINUE.equals(response.status());
        if (!exchange.isRelaying() && head.callerMinorVersion() > 0 && wanted) {
            ResponseHeaders.fitInformational(response);
            if (!exchange.caller().writeInformational(response)) {
                upstream.read(false);
            }
        }
    }

    @Override
    public void onResponseHead(HttpResponse response) {
        if (token != null && HttpResponseStatus.UNAUTHORIZED.equals(response.status())) {
            onUnauthorized(token, response);
            return;
        }
        boolean tunnel = HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status());
        if (tunnel && (exchange.head().upgrade() == null || !exchange.body().isComplete())) {
            exchange.fail(
                    ProxyFault.UPSTREAM_BROKE, "101 without a requested upgrade, or before the request was complete");
            return;
        }
        if (token == null) {
            lease.respondedNeutrally();
        } else if (lease.responded(token, response.status())
                && upstream.dates().isDue(sentAt)
                && exchange.head().isForReplicaItself()) {
            exchange.context().reportDate(upstream, response, sentAt);
        }
        if (tunnel) {
            tunnel(response);
        } else {
            relay(response);
        }
    }

    /**
     * Handles a 401. If the 401 may be a backend's, the caller gets it, whatever its date, because a {@link Proof} has
     * shown that this replica accepts the token. If the replica has stopped accepting the token, another proof shows
     * this before the next request of this kind.
     */
    private void onUnauthorized(Token refused, HttpResponse response) {
        long now = exchange.context().nanoTime().getAsLong();
        if (exchange.head().mayReachBackend()) {
            upstream.tokens().doubt(now);
            lease.respondedNeutrally();
            relay(response);
            return;
        }
        RetryPolicy.Retry retry = exchange.retryState()
                .onUnauthorized(
                        new Unauthorized(refused, response.headers(), sentAt, now, false),
                        exchange.body().isReplayable());
        if (retry != null) {
            retry(exchange, lease, retry, exchange.body().isComplete());
            return;
        }
        if (!exchange.retryState().isProven()) {
            lease.passedOnRefusal();
        }
        relay(response);
    }

    private void relay(HttpResponse response) {
        exchange.startRelay(response);
        boolean keepAlive = ResponseHeaders.sanitize(response, exchange.head());
        exchange.retryState().onRelay(response);
        exchange.caller().writeHead(response, exchange.head().isHead(), keepAlive);
    }

    private void tunnel(HttpResponse response) {
        exchange.log().event("tunnelled");
        ResponseHeaders.fitSwitch(response);
        exchange.retryState().onRelay(response);
        exchange.end();
        exchange.caller().openTunnel(lease, response);
    }

    @Override
    public void onResponseContent(HttpContent content) {
        if (!(content instanceof LastHttpContent)) {
            if (!exchange.caller().write(content)) {
                upstream.read(false);
            }
            return;
        }
        boolean received = exchange.body().isComplete();
        Trailers.clean(content);
        exchange.end();
        lease.end(received ? LeaseEnd.USED : LeaseEnd.FAILED);
        exchange.caller().writeLast(content);
    }

    @Override
    public void onReadComplete() {
        exchange.caller().flush();
    }

    // Retries

    /**
     * Drops a 401 that arrived over the connection of {@code lease}, and begins the next attempt. Releases the
     * connection if it can carry another request.
     *
     * @param complete whether the whole refused request has been sent
     */
    static void retry(Exchange exchange, Lease lease, RetryPolicy.Retry retry, boolean complete) {
        Upstream upstream = lease.upstream();
        exchange.log().refused(upstream.channel(), retry.reason());
        TokenRefusal refusal = retry.refusal();
        if (refusal != null) {
            lease.tokenRefused(refusal);
        }
        boolean sameConnection =
                refusal == null ? retry.overSameConnection() : exchange.tokens().mayBeAcceptedOver(upstream);
        exchange.endAttempt();
        if (!complete) {
            lease.end(LeaseEnd.FAILED); // the unsent part of the request would have to follow first
            exchange.proceed();
        } else if (sameConnection) {
            upstream.discardRest(() -> lease.passTo(exchange), exchange::proceed);
        } else {
            LeaseEnd end = refusal == null ? LeaseEnd.USED : LeaseEnd.REFUSED;
            upstream.discardRest(() -> lease.end(end), () -> {});
            exchange.proceed();
        }
    }

    @Override
    public void onUpstreamFailed(UpstreamFailure cause) {
        boolean retry = exchange.body().isReplayable()
                && exchange.retryState()
                        .onUpstreamFailed(cause, lease, exchange.head().safe(), headWritten);
        if (retry) {
            exchange.log().upstreamBroke(RetryReason.CONNECTION_LOST);
            exchange.endAttempt();
            exchange.proceed();
        } else {
            exchange.fail(ProxyFault.UPSTREAM_BROKE, null);
        }
    }
}
