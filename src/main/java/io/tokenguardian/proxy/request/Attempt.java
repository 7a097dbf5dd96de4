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
import io.tokenguardian.proxy.upstream.Upstream;
import io.tokenguardian.proxy.upstream.UpstreamFailure;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of an {@link Exchange}, over one upstream. The response is relayed to the caller, or opens a tunnel.
 * After a stale connection, or a 401 that a retry may fix, the exchange begins another attempt.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class Attempt implements ResponseListener {

    private final Exchange exchange;
    private final RequestParts parts;
    private final Lease lease;
    private final Upstream upstream;
    private final @Nullable Token token;
    private @Nullable ChannelFuture headWritten;
    private long sentAt;
    private boolean unflushed;

    /** @param token null if the caller's own credential is sent */
    Attempt(Exchange exchange, RequestParts parts, Lease lease, @Nullable Token token) {
        this.exchange = exchange;
        this.parts = parts;
        this.lease = lease;
        this.upstream = lease.upstream();
        this.token = token;
    }

    void send() {
        UpstreamRequest head = parts.head();
        upstream.begin(this, head.isHead());
        if (token != null) {
            head.request()
                    .headers()
                    .set(HttpHeaderNames.AUTHORIZATION, parts.context().bearer().of(token));
        }
        Channel channel = upstream.channel();
        sentAt = parts.context().nanoTime().getAsLong();
        headWritten = parts.body().send(head.request(), channel);
        channel.flush();
    }

    /** The next {@link #flush()} sends {@code part}. */
    void send(HttpContent part) {
        parts.body().passOn(part, upstream.channel());
        unflushed = true;
    }

    void flush() {
        if (unflushed) {
            unflushed = false;
            parts.body().writeJoined(upstream.channel());
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

    @Override
    public void onInformational(HttpResponse response) {
        UpstreamRequest head = parts.head();
        boolean wanted = head.expectsContinue() || !HttpResponseStatus.CONTINUE.equals(response.status());
        if (!exchange.isRelaying() && head.callerMinorVersion() > 0 && wanted) {
            ResponseHeaders.fitInformational(response);
            if (!parts.caller().writeInformational(response)) {
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
        if (tunnel && (parts.head().upgrade() == null || !parts.body().isComplete())) {
            exchange.fail(
                    ProxyFault.UPSTREAM_BROKE, "101 without a requested upgrade, or before the request was complete");
            return;
        }
        if (token == null) {
            lease.respondedNeutrally();
        } else if (lease.responded(token, response.status())
                && upstream.dates().isDue(sentAt)
                && parts.head().isForReplicaItself()) {
            parts.context().reportDate(upstream, response, sentAt);
        }
        if (tunnel) {
            tunnel(response);
        } else {
            relay(response);
        }
    }

    /**
     * If a 401 may be a backend's, the caller gets it, whatever its date, because a {@link Proof} has shown that this
     * replica accepts the token. If the replica has stopped accepting it, another proof shows this before the next
     * request of this kind.
     */
    private void onUnauthorized(Token refused, HttpResponse response) {
        long now = parts.context().nanoTime().getAsLong();
        if (parts.head().mayReachBackend()) {
            upstream.tokens().doubt(now);
            lease.respondedNeutrally();
            relay(response);
            return;
        }
        RetryPolicy.Retry retry = parts.retryState()
                .onUnauthorized(
                        new Unauthorized(refused, response.headers(), sentAt, now, false),
                        parts.body().isReplayable());
        if (retry != null) {
            exchange.onRefused(lease, retry, parts.body().isComplete());
            return;
        }
        if (!parts.retryState().isProven()) {
            lease.passedOnRefusal();
        }
        relay(response);
    }

    private void relay(HttpResponse response) {
        exchange.onRelay(lease, this, response);
        boolean keepAlive = ResponseHeaders.sanitize(response, parts.head());
        parts.retryState().onRelay(response);
        parts.caller().writeHead(response, parts.head().isHead(), keepAlive);
    }

    private void tunnel(HttpResponse response) {
        parts.log().event("tunnelled");
        ResponseHeaders.fitSwitch(response);
        parts.retryState().onRelay(response);
        exchange.end();
        parts.caller().openTunnel(lease, response);
    }

    @Override
    public void onResponseContent(HttpContent content) {
        if (!(content instanceof LastHttpContent)) {
            if (!parts.caller().write(content)) {
                upstream.read(false);
            }
            return;
        }
        boolean received = parts.body().isComplete();
        Trailers.clean(content);
        exchange.end();
        lease.end(received ? LeaseEnd.USED : LeaseEnd.FAILED);
        parts.caller().writeLast(content);
    }

    @Override
    public void onReadComplete() {
        parts.caller().flush();
    }

    @Override
    public void onUpstreamFailed(UpstreamFailure cause) {
        boolean retry = parts.body().isReplayable()
                && parts.retryState()
                        .onUpstreamFailed(cause, lease, parts.head().safe(), headWritten);
        if (retry) {
            parts.log().upstreamBroke();
            exchange.onConnectionLost();
        } else {
            exchange.fail(ProxyFault.UPSTREAM_BROKE, null);
        }
    }
}
