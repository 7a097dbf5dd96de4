package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/** One HTTP/1.1 connection to one replica, leased to one request after the other. */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, which is heard of
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
    private @Nullable Refusal refusal;
    private long nextQuestion;

    private Http1Upstream(Channel channel, UpstreamPool pool) {
        super(channel, pool.log());
        this.pool = pool;
    }

    /** Makes {@code channel}, on which the TLS handshake has chosen HTTP/1.1, an upstream. */
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

    /** Whether another request may go out over this connection: nothing is left over, and neither side has ended it. */
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

    /** A body that ends with the connection has ended well only if TLS said so. */
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
    void setAside(Refusal found, boolean usable) {
        Refusal before = refusal;
        refusal = before != null && before.token().equals(found.token())
                ? new Refusal(found.token(), before.crossing().narrowedBy(found.crossing()))
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

    /** What the pool wanted to know of the request under way is known. */
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
        breakOff(UpstreamBreak.CLOSED);
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
    Refusal refusal() {
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
