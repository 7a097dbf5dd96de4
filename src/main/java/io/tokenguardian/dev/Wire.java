package io.tokenguardian.dev;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * The way back to the client: an HTTP/1.1 connection or an HTTP/2 stream, with the connection underneath. Belongs to
 * the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails here ends the channel, and that is where it is seen.
final class Wire {

    /** How long Go's server lets a client read an answer to a request whose body it won't read. */
    private static final Duration LINGER = Duration.ofMillis(500);

    private final ChannelHandlerContext ctx;
    private final boolean http2;
    private final Channel connection;

    Wire(ChannelHandlerContext ctx, boolean http2) {
        this.ctx = ctx;
        this.http2 = http2;
        this.connection = http2 ? ctx.channel().parent() : ctx.channel();
    }

    boolean isHttp2() {
        return http2;
    }

    /** Writes an HTTP message or a part of one, and flushes it. */
    void send(Object message) {
        ctx.writeAndFlush(message);
    }

    /** The same, with {@code then} run once the bytes are out, or can't be got out. */
    void send(Object message, Runnable then) {
        ctx.writeAndFlush(message).addListener(done -> then.run());
    }

    /** Writes bytes on the connection in the place of HTTP; TLS wraps them. */
    void sendRaw(byte[] bytes, Runnable then) {
        belowHttp().writeAndFlush(Unpooled.wrappedBuffer(bytes)).addListener(done -> then.run());
    }

    /** Runs {@code step} on the event loop, {@code delay} from now. */
    void after(Duration delay, Runnable step) {
        ctx.executor().schedule(step, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs {@code step} on the event loop, once {@code release} has completed in whatever way. */
    void after(CompletionStage<?> release, Runnable step) {
        release.whenComplete((value, failure) -> ctx.executor().execute(step));
    }

    private ChannelHandlerContext belowHttp() {
        Class<? extends ChannelHandler> type = http2 ? Linger.class : HttpServerCodec.class;
        return connection.pipeline().context(type);
    }

    /** Ends the whole connection, whatever else is on it; to abort ends its own stream alone. */
    void cut(Fault.Manner manner) {
        switch (manner) {
            case RESET -> reset(connection);
            case CLOSE -> belowHttp().close();
            case TRUNCATE -> drop(connection);
            case ABORT -> abort();
        }
    }

    private void abort() {
        if (http2) {
            send(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
        } else {
            cut(Fault.Manner.CLOSE);
        }
    }

    /** Sends a TCP reset. */
    static void reset(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            drop(channel);
        }
    }

    /** Closes the socket under everything, so that TLS has no say. */
    private static void drop(Channel channel) {
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    /**
     * HTTP/2: GOAWAY, and the connection closes after the streams at hand are through (docs/api-server.md, HTTP/2 and
     * GOAWAY).
     */
    void goAway() {
        if (http2) {
            connection.close();
        }
    }

    /** Gives up on the rest of the request: its answer has been sent. */
    void abandonRequest() {
        if (http2) {
            send(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
            return;
        }
        SslHandler tls = connection.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        }
        if (connection instanceof SocketChannel socket) {
            socket.shutdownOutput();
        }
        after(LINGER, () -> drop(connection));
    }

    /** Ends an HTTP/1.1 connection after its last answer; nothing over HTTP/2. */
    void close() {
        if (!http2) {
            connection.close();
        }
    }

    /** Takes HTTP off the connection: what comes from here on is {@code handler}'s. */
    void become(ChannelHandler handler) {
        connection.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        connection.pipeline().replace(ctx.handler(), "tunnel", handler);
        connection.pipeline().remove(HttpServerCodec.class);
    }
}
