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
import io.tokenguardian.token.Token;

/** One stream of an HTTP/2 connection, leased to one request. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class Http2Upstream extends Upstream {

    private final UpstreamHttp2Connection http2;
    private final boolean reused;
    private boolean headArrived;
    private UpstreamFailure end = UpstreamFailure.CLOSED;

    Http2Upstream(Channel stream, UpstreamHttp2Connection http2, boolean reused) {
        super(stream, http2.pool().log());
        this.http2 = http2;
        this.reused = reused;
    }

    @Override
    boolean isReused() {
        return reused;
    }

    /** After a 401 the server closes the connection (docs/api-server.md, HTTP/2 and GOAWAY): a retry needs another. */
    @Override
    void onHead(HttpResponse response) {
        headArrived = true;
        response.headers().remove(ExtensionHeaderNames.STREAM_ID.text()); // added by Netty, not by the server
        if (HttpResponseStatus.UNAUTHORIZED.equals(response.status())) {
            http2.closeAfterStreams();
        }
    }

    /** A complete stream closes by itself. Closing it while its end is being read would send a reset. */
    @Override
    void release(boolean reusable) {
        http2.markFirstResponseOver();
        detach();
        if (!reusable || !headArrived) {
            channel().close();
        }
    }

    @Override
    ReplicaTokens tokens() {
        return http2.tokens();
    }

    @Override
    ResponseDates dates() {
        return http2.dates();
    }

    /** Does not park: the 401 closes the connection. The replica search uses HTTP/1.1, where a 401 closes nothing. */
    @Override
    void park(boolean reusable) {
        release(reusable);
    }

    @Override
    void retry(LeaseRequest request) {
        release(true);
        http2.pool().acquire(request);
    }

    @Override
    void respondedNeutrally() {
        http2.markFirstResponseOver();
    }

    @Override
    void tokenAccepted(Token token) {
        http2.tokens().accepted(token);
        http2.markFirstResponseOver();
        http2.pool().tokenAccepted();
    }

    @Override
    void tokenRefused(TokenRefusal refusal) {
        http2.tokens().refused(refusal);
        http2.markFirstResponseOver();
        http2.pool().search().refused(true);
    }

    @Override
    void abort() {
        http2.markFirstResponseOver();
        detach();
        channel().close();
    }

    @Override
    void removeHttpHandlers() {
        throw new IllegalStateException("a stream does not become a tunnel");
    }

    /**
     * Netty first reports GOAWAY to each stream above the last processed one; then the connection handles it and closes
     * them. So the connection must stop taking streams here, or a retry may come back to it. The stream is not reset:
     * the server may have stopped reading, and a failed write may lose responses that are unread.
     */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2GoAwayFrame) {
            http2.closeAfterStreams();
            end = UpstreamFailure.NOT_PROCESSED;
            read(true); // channelInactive comes only while the channel is read
        } else if (event instanceof Http2ResetFrame reset) {
            boolean refused = reset.errorCode() == Http2Error.REFUSED_STREAM.code();
            fail(refused ? UpstreamFailure.NOT_PROCESSED : UpstreamFailure.CLOSED);
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(end);
    }
}
