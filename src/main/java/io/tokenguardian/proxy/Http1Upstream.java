package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.tokenguardian.token.Token;

/** One HTTP/1.1 connection to one replica, leased to one request after another. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class Http1Upstream extends Upstream {

    private final UpstreamPool pool;
    private final StrictResponseDecoder decoder = new StrictResponseDecoder();
    private final UpstreamRequestEncoder encoder = new UpstreamRequestEncoder();
    private final ReplicaTokens tokens = new ReplicaTokens();
    private final ResponseDates dates;
    private boolean firstResponseOver;
    private boolean reused;
    private boolean closesAfterResponse;
    private boolean truncated;
    private long idleSince;

    private Http1Upstream(Channel channel, UpstreamPool pool) {
        super(channel, pool.log());
        this.pool = pool;
        this.dates = new ResponseDates(channel);
    }

    /** Makes an upstream of {@code channel}, whose TLS handshake has chosen HTTP/1.1. */
    static Http1Upstream install(Channel channel, UpstreamPool pool) {
        Http1Upstream upstream = new Http1Upstream(channel, pool);
        channel.pipeline().addLast(upstream.decoder, upstream.encoder, upstream);
        return upstream;
    }

    @Override
    void prepare(boolean head) {
        reused = firstResponseOver;
        decoder.toHead(head);
        pool.share().setWaterMarks(channel());
    }

    /** Whether the connection can carry another request: no bytes are left over, and neither side has closed it. */
    private boolean isReusable() {
        return !closesAfterResponse && channel().isActive() && !decoder.hasSurplus();
    }

    @Override
    boolean isReused() {
        return reused;
    }

    /**
     * Records that the first response has arrived or can no longer arrive, or that the connection lies idle without
     * one. Returns whether that is new.
     */
    boolean markFirstResponseOver() {
        boolean first = !firstResponseOver;
        firstResponseOver = true;
        return first;
    }

    /** When the last request over the connection ended, in nanoseconds on the monotonic clock. */
    long idleSince() {
        return idleSince;
    }

    @Override
    void onHead(HttpResponse response) {
        closesAfterResponse = decoder.isHttp10() || !HttpUtil.isKeepAlive(response);
    }

    /** Whether TLS ended without close_notify. Then a body that ends with the connection may be incomplete. */
    @Override
    boolean isTruncated() {
        return truncated;
    }

    @Override
    void release(boolean reusable) {
        if (endLease(reusable)) {
            pool.release(this);
        } else {
            abort();
        }
    }

    @Override
    ReplicaTokens tokens() {
        return tokens;
    }

    @Override
    ResponseDates dates() {
        return dates;
    }

    @Override
    void park(boolean reusable) {
        if (endLease(reusable)) {
            pool.park(this);
        } else {
            abort();
        }
    }

    /** Ends the lease. Returns whether the connection can have another. */
    private boolean endLease(boolean reusable) {
        detach();
        if (!reusable || !isReusable()) {
            return false;
        }
        read(true);
        idleSince = pool.now();
        return true;
    }

    @Override
    void respondedNeutrally() {
        pool.settled(this);
    }

    @Override
    void tokenAccepted(Token token) {
        if (!tokens.hasAccepted()) {
            pool.search().countAccepting(1);
        }
        tokens.accepted(token);
        pool.settled(this);
        pool.tokenAccepted();
    }

    @Override
    void tokenRefused(TokenRefusal refusal) {
        countOut();
        tokens.refused(refusal);
        boolean first = !firstResponseOver;
        if (first) {
            pool.settled(this);
        }
        pool.search().refused(first);
    }

    /** Removes the connection from the count of those that accept. {@link ReplicaSearch} has requests wait for them. */
    private void countOut() {
        if (tokens.hasAccepted()) {
            tokens.forgetAcceptance();
            pool.search().countAccepting(-1);
        }
    }

    @Override
    void retry(LeaseRequest request) {
        pool.settled(this);
        detach();
        if (isReusable()) {
            request.onLeased(this);
        } else {
            abort();
            pool.acquire(request);
        }
    }

    @Override
    void abort() {
        countOut();
        detach();
        pool.remove(this);
        channel().close();
    }

    @Override
    void removeHttpHandlers() {
        countOut(); // a tunnel does not come back
        pool.settled(this);
        detach();
        channel().pipeline().remove(encoder);
        channel().pipeline().remove(this);
        channel().pipeline().remove(decoder);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(UpstreamFailure.CLOSED);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent close) {
            truncated |= !close.isSuccess();
            if (close.isSuccess() && !isLeased()) {
                abort();
            }
        }
    }
}
