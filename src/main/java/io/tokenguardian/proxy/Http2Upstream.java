package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import io.netty.util.ReferenceCountUtil;

/** One stream of an HTTP/2 connection, leased to one request. */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, which is heard of
final class Http2Upstream extends Upstream {

    private final Http2Link link;
    private final boolean reused;
    private boolean settled;
    private boolean answered;
    private UpstreamBreak end = UpstreamBreak.CLOSED;

    Http2Upstream(Channel stream, Http2Link link, boolean reused) {
        super(stream, link.pool().log());
        this.link = link;
        this.reused = reused;
    }

    @Override
    void prepare(boolean head) {}

    @Override
    boolean isReused() {
        return reused;
    }

    /**
     * A 401 takes the connection with it (docs/api-server.md, HTTP/2 and GOAWAY); who asks again must not do so here.
     */
    @Override
    void head(HttpResponse response) {
        answered = true;
        response.headers().remove(ExtensionHeaderNames.STREAM_ID.text()); // Netty's own, not the server's
        if (HttpResponseStatus.UNAUTHORIZED.equals(response.status())) {
            link.leave();
        }
    }

    /** A stream says for itself how it ended. */
    @Override
    boolean isTruncated() {
        return false;
    }

    /** A complete stream ends by itself; closing it while its end is being read would send a reset. */
    @Override
    void release(boolean reusable) {
        settle();
        detach();
        if (!reusable || !answered) {
            channel().close();
        }
    }

    /** The connection goes with its 401; who asks again does so over HTTP/1.1, where it would stay. */
    @Override
    void setAside(Refusal refusal, boolean usable) {
        link.pool().refusedOverHttp2();
        release(usable);
        link.leave();
    }

    @Override
    void again(LeaseRequest request) {
        release(true);
        link.leave();
        link.pool().acquire(request);
    }

    @Override
    void accepted() {
        settle();
        link.pool().accepted();
    }

    private void settle() {
        if (!settled) {
            settled = true;
            if (link.proves()) {
                link.pool().proven();
            }
        }
    }

    @Override
    void abort() {
        settle();
        detach();
        channel().close();
    }

    @Override
    void leave() {
        throw new IllegalStateException("a stream does not become a tunnel");
    }

    @Override
    void unexpected() {
        channel().close();
    }

    /**
     * GOAWAY is told to streams above the last one processed, before the connection knows of it and ends them: whoever
     * asked for one must not be sent back here, and a reset of one would be a write that the server need not take any
     * more, which may cost the answers still to be read.
     */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2GoAwayFrame) {
            link.leave();
            end = UpstreamBreak.NOT_PROCESSED;
            read(true); // the end is heard of while reading
        } else if (event instanceof Http2ResetFrame reset) {
            boolean refused = reset.errorCode() == Http2Error.REFUSED_STREAM.code();
            breakOff(refused ? UpstreamBreak.NOT_PROCESSED : UpstreamBreak.CLOSED);
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        breakOff(end);
    }
}
