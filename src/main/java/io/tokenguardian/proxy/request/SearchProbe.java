package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.tokenguardian.concurrent.LoggedTask;
import io.tokenguardian.proxy.request.RetryPolicy.Unauthorized;
import io.tokenguardian.proxy.upstream.Lease;
import io.tokenguardian.proxy.upstream.LeaseEnd;
import io.tokenguardian.proxy.upstream.LeaseTokens;
import io.tokenguardian.proxy.upstream.ResponseListener;
import io.tokenguardian.proxy.upstream.Upstream;
import io.tokenguardian.proxy.upstream.UpstreamFailure;
import io.tokenguardian.proxy.upstream.UpstreamPool;
import io.tokenguardian.token.Token;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Finds out, for waiting requests, whether the replica of a new connection accepts a token. If so, the first waiting
 * request gets the connection. If the replica refuses all usable tokens, the connection is parked.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class SearchProbe implements ResponseListener {

    private final RequestContext context;
    private final UpstreamPool pool;
    private final Lease lease;
    private final Upstream upstream;
    private final LeaseTokens tokens;
    private final Token token;
    private final long sentAt;
    private final Future<?> timeout;

    private SearchProbe(RequestContext context, UpstreamPool pool, Lease lease, LeaseTokens tokens, Token token) {
        this.context = context;
        this.pool = pool;
        this.lease = lease;
        this.upstream = lease.upstream();
        this.tokens = tokens;
        this.token = token;
        this.sentAt = context.nanoTime().getAsLong();
        this.timeout = upstream.channel()
                .eventLoop()
                .schedule(new LoggedTask(this::timeOut), Proof.MAX_TIME.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** If no token is usable any more, only ends {@code lease}. */
    static void send(RequestContext context, UpstreamPool pool, Lease lease, LeaseTokens tokens) {
        List<Token> usable = tokens.usable();
        if (usable.isEmpty()) {
            pool.probeEnded();
            lease.end(LeaseEnd.USED);
            return;
        }
        Upstream upstream = lease.upstream();
        Token token = upstream.tokens().choose(usable, context.nanoTime());
        upstream.begin(new SearchProbe(context, pool, lease, tokens, token), false);
        upstream.channel().writeAndFlush(Proof.request(context, token));
    }

    private void timeOut() {
        lease.end(LeaseEnd.FAILED);
        pool.probeFailed(Proof.SILENT);
    }

    @Override
    public void onResponseHead(HttpResponse response) {
        timeout.cancel(false);
        if (HttpResponseStatus.UNAUTHORIZED.equals(response.status())) {
            onRefused(response);
        } else {
            pool.probeEnded();
            lease.responded(token, response.status());
            upstream.discardRest(() -> lease.end(LeaseEnd.USED), () -> {});
        }
    }

    private void onRefused(HttpResponse response) {
        Unauthorized refused = new Unauthorized(
                token, response.headers(), sentAt, context.nanoTime().getAsLong(), true);
        context.reportRefusal(refused, pool.search());
        lease.tokenRefused(context.retryPolicy().refusal(refused));
        if (upstream.tokens().mayAcceptOneOf(tokens.usable(), context.nanoTime().getAsLong())) {
            upstream.discardRest(() -> send(context, pool, lease, tokens), () -> pool.probeFailed(Proof.NO_RESPONSE));
        } else {
            pool.probeEnded();
            upstream.discardRest(() -> lease.end(LeaseEnd.REFUSED), () -> {});
        }
    }

    @Override
    public void onUpstreamFailed(UpstreamFailure cause) {
        timeout.cancel(false);
        pool.probeFailed(Proof.NO_RESPONSE);
    }
}
