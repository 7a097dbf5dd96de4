package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;

/**
 * One HTTP/2 connection to one replica, with a stream for each request. After GOAWAY or a 401, it takes no new streams,
 * and closes when its last stream ends. GOAWAY follows a 401 (docs/api-server.md, HTTP/2 and GOAWAY).
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class UpstreamHttp2Connection extends ChannelInboundHandlerAdapter {

    /** The most unread bytes of one response. All together may have this plus 64 KiB, HTTP/2's default. */
    private static final int WINDOW = 1 << 20;

    /** The number of streams that is assumed until the server's settings arrive. */
    private static final long DEFAULT_STREAMS = 100;

    private final Channel channel;
    private final UpstreamPool pool;
    private long maxStreams = DEFAULT_STREAMS;
    private int streams;
    private boolean closing;
    private final ReplicaTokens tokens = new ReplicaTokens();
    private final ResponseDates dates;
    private boolean firstResponseOver;
    private long idleSince;

    private UpstreamHttp2Connection(Channel channel, UpstreamPool pool) {
        this.channel = channel;
        this.pool = pool;
        this.dates = new ResponseDates(channel);
    }

    /** Turns {@code channel}, whose TLS handshake has chosen h2, into an HTTP/2 connection. */
    static UpstreamHttp2Connection install(Channel channel, UpstreamPool pool) {
        Http2FrameCodec codec = Http2FrameCodecBuilder.forClient()
                .initialSettings(
                        Http2Settings.defaultSettings().pushEnabled(false).initialWindowSize(WINDOW))
                .validateHeaders(false)
                .build();
        UpstreamHttp2Connection http2 = new UpstreamHttp2Connection(channel, pool);
        channel.pipeline().addLast(codec, new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()), http2);
        http2.widenWindow(codec.connection());
        return http2;
    }

    private void widenWindow(Http2Connection connection) {
        try {
            connection.local().flowController().incrementWindowSize(connection.connectionStream(), WINDOW);
        } catch (Http2Exception e) {
            channel.close();
        }
    }

    boolean takesStreams() {
        return !closing && streams < maxStreams && channel.isActive();
    }

    /** Opens a stream and leases it to {@code request}. */
    void open(LeaseRequest request) {
        streams++;
        new Http2StreamChannelBootstrap(channel)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(false, true));
                    }
                })
                .open()
                .addListener(opened -> {
                    if (opened.isSuccess()) {
                        lease((Http2StreamChannel) opened.getNow(), request);
                    } else {
                        markFirstResponseOver(); // no stream will call it
                        streamEnded();
                        closeAfterStreams();
                        pool.acquire(request);
                    }
                });
    }

    private void lease(Http2StreamChannel stream, LeaseRequest request) {
        Http2Upstream upstream = new Http2Upstream(stream, this, firstResponseOver);
        stream.pipeline().addLast(upstream);
        stream.closeFuture().addListener(closed -> streamEnded());
        request.onLeased(upstream);
    }

    private void streamEnded() {
        streams--;
        if (streams == 0) {
            idleSince = pool.now();
            if (closing) {
                channel.close();
            } else if (pool.canSpare(this)) {
                closeAfterStreams();
            }
        }
    }

    void onClosed(Runnable action) {
        channel.closeFuture().addListener(closed -> action.run());
    }

    UpstreamPool pool() {
        return pool;
    }

    ReplicaTokens tokens() {
        return tokens;
    }

    ResponseDates dates() {
        return dates;
    }

    /** Records that the first response has arrived or can no longer arrive. */
    void markFirstResponseOver() {
        if (!firstResponseOver) {
            firstResponseOver = true;
            pool.search().ended();
        }
    }

    boolean isIdleSince(long moment) {
        return streams == 0 && idleSince - moment <= 0;
    }

    /** Takes no more streams, and closes when those under way have ended. */
    void closeAfterStreams() {
        if (!closing) {
            closing = true;
            pool.remove(this);
            if (streams == 0) {
                channel.close();
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        if (frame instanceof Http2GoAwayFrame) {
            closeAfterStreams();
        } else if (frame instanceof Http2SettingsFrame settings) {
            Long max = settings.settings().maxConcurrentStreams();
            maxStreams = max == null ? maxStreams : max;
        }
        ReferenceCountUtil.release(frame);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent) {
            closeAfterStreams();
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closeAfterStreams();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        pool.log().connectionFailed(channel, cause);
        closeAfterStreams();
        channel.close();
    }
}
