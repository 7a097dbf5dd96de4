package io.tokenguardian.proxy.caller;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/** The ways to end a connection, with or without TLS. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class ConnectionEnd {

    /** Delays the close while the caller is still sending, so that the caller can read the last response. */
    private static final long LINGER_SECONDS = 1;

    private ConnectionEnd() {}

    /** Ends the output once everything is written: with close_notify over TLS, otherwise with FIN. */
    static void ofOutput(Channel channel) {
        channel.flush();
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        } else {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
                if (channel instanceof DuplexChannel duplex) {
                    duplex.shutdownOutput();
                }
            });
        }
    }

    static void after(Object last, Channel channel) {
        channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    }

    /**
     * Writes {@code last}, ends the output, and closes the connection a second later. An immediate close with unread
     * bytes would send a reset, which might reach the caller before it has read the response.
     */
    static void afterLinger(Object last, Channel channel) {
        channel.writeAndFlush(last).addListener(written -> {
            ofOutput(channel);
            channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        });
    }
}
