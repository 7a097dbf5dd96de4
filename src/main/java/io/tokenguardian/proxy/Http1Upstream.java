package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/** One HTTP/1.1 connection to one replica, leased to one request after another. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class Http1Upstream extends Upstream {

    private final UpstreamPool pool;
    private final StrictResponseDecoder decoder = new StrictResponseDecoder();
    private final HttpRequestEncoder encoder = new HttpRequestEncoder();
    private int waterMark;
    private boolean reused;
    private boolean settled;
    private boolean closes;
    private boolean truncated;
    private long idleSince;
    private @Nullable EarlyRefusal refusal;
    private long nextQuestion;

    private Http1Upstream(Channel channel, UpstreamPool pool) {
        super(channel, pool.log());
        this.pool = pool;
    }

    /** Makes an upstream of {@code channel}, whose TLS handshake has chosen HTTP/1.1. */
    static Http1Upstream install(Channel channel, UpstreamPool pool) {
        Http1Upstream upstream = new Http1Upstream(channel, pool);
        channel.pipeline().addLast(upstream.decoder, upstream.encoder, upstream);
        return upstream;
    }

    @Override
    void prepare(boolean head) {
        decoder.answersHead(head);
        waterMark = pool.share().mark(channel(), waterMark);
    }

    /** Whether the connection can carry another request: no bytes are left over, and neither side has closed it. */
    private boolean isReusable() {
        return !closes && channel().isActive() && !decoder.hasSurplus();
    }

    @Override
    boolean isReused() {
        return reused;
    }

    @Override
    void head(HttpResponse response) {
        closes = decoder.isHttp10() || !HttpUtil.isKeepAlive(response);
    }

    /** Whether TLS ended without close_notify. Then a body that ends with the connection may be incomplete. */
    @Override
    boolean isTruncated() {
        return truncated;
    }

    @Override
    void release(boolean reusable) {
        settle();
        detach();
        if (reusable && isReusable()) {
            reused = true;
            read(true);
            pool.idle(this);
        } else {
            abort();
        }
    }

    @Override
    void park(EarlyRefusal found, boolean usable) {
        EarlyRefusal before = refusal;
        refusal = before != null && before.token().equals(found.token())
                ? new EarlyRefusal(found.token(), before.crossing().narrowedBy(found.crossing()))
                : found;
        if (!settled) {
            pool.refusedFresh();
        }
        settle();
        detach();
        if (usable && isReusable()) {
            reused = true;
            read(true);
            pool.aside(this);
        } else {
            abort();
        }
    }

    @Override
    void accepted() {
        refusal = null;
        settle();
        pool.accepted();
    }

    @Override
    void again(LeaseRequest request) {
        settle();
        detach();
        refusal = null;
        if (isReusable()) {
            reused = true;
            request.leased(this);
        } else {
            abort();
            pool.acquire(request);
        }
    }

    /** Reports to the pool that the response to the current request has arrived, or can no longer arrive. */
    private void settle() {
        pool.settled(this, !settled);
        settled = true;
    }

    @Override
    void abort() {
        settle();
        detach();
        pool.remove(this);
        channel().close();
    }

    @Override
    void leave() {
        settle();
        detach();
        channel().pipeline().remove(encoder);
        channel().pipeline().remove(this);
        channel().pipeline().remove(decoder);
    }

    @Override
    void unexpected() {
        abort();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        breakOff(UpstreamFailure.CLOSED);
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

    @Nullable
    EarlyRefusal refusal() {
        return refusal;
    }

    long nextQuestion() {
        return nextQuestion;
    }

    void nextQuestion(long moment) {
        nextQuestion = moment;
    }

    long idleSince() {
        return idleSince;
    }

    void idleSince(long moment) {
        idleSince = moment;
    }
}
