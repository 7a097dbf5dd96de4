package io.tokenguardian.standin;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Sends data to the client over its connection, and can end the connection. Used only on the event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel
final class ResponseChannel {

    /** How much time Go's server gives the client to read the response if the request body was not read completely. */
    private static final Duration LINGER = Duration.ofMillis(500);

    private final ChannelHandlerContext ctx;
    private final Channel connection;

    ResponseChannel(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        this.connection = ctx.channel();
    }

    /** Writes and flushes an HTTP message or a part of one. */
    void send(Object message) {
        ctx.writeAndFlush(message);
    }

    /** Writes and flushes {@code message}. Runs {@code then} once the bytes have been sent or sending has failed. */
    void send(Object message, Runnable then) {
        ctx.writeAndFlush(message).addListener(done -> then.run());
    }

    /** Writes raw bytes to the connection instead of HTTP. TLS encrypts them. */
    void sendRaw(byte[] bytes, Runnable then) {
        belowHttp().writeAndFlush(Unpooled.wrappedBuffer(bytes)).addListener(done -> then.run());
    }

    /** Runs {@code step} on the event loop after {@code delay}. */
    void after(Duration delay, Runnable step) {
        ctx.executor().schedule(step, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs {@code step} on the event loop after {@code release} has completed, whether normally or exceptionally. */
    void after(CompletionStage<?> release, Runnable step) {
        release.whenComplete((value, failure) -> ctx.executor().execute(step));
    }

    private ChannelHandlerContext belowHttp() {
        return connection.pipeline().context(HttpServerCodec.class);
    }

    /** Ends the connection. */
    void cut(Fault.Manner manner) {
        switch (manner) {
            case RESET -> reset(connection);
            case CLOSE -> belowHttp().close();
            case TRUNCATE -> drop(connection);
        }
    }

    /** Sends a TCP reset. */
    static void reset(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            drop(channel);
        }
    }

    /** Closes the socket below TLS, so that TLS sends nothing. */
    private static void drop(Channel channel) {
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    /** Stops reading a request after its response has been sent. */
    void abandonRequest() {
        SslHandler tls = connection.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        }
        if (connection instanceof SocketChannel socket) {
            socket.shutdownOutput();
        }
        after(LINGER, () -> drop(connection));
    }

    /** Closes the connection after its last response. */
    void close() {
        connection.close();
    }

    /** Removes the HTTP handlers from the connection. From then on, {@code handler} receives the bytes. */
    void replaceHttp(ChannelHandler handler) {
        connection.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        connection.pipeline().replace(ctx.handler(), "tunnel", handler);
        connection.pipeline().remove(HttpServerCodec.class);
    }
}
