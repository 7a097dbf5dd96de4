package io.tokenguardian.standin;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.atomic.AtomicLong;

/** Handles TLS and HTTP on the connections to one replica, regardless of which port accepted them. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel
final class Connections {

    /** The maximum size of the request line and headers, in bytes, as in Go's server. */
    private static final int HEAD_LIMIT = 1024 * 1024;

    private final Replica replica;
    private final ReplicaCertificates identities;
    private final AtomicLong numbers;
    private final AtomicLong accepted = new AtomicLong();
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private volatile boolean refusing;

    Connections(Replica replica, ReplicaCertificates identities, AtomicLong numbers) {
        this.replica = replica;
        this.identities = identities;
        this.numbers = numbers;
    }

    /** Handles a newly accepted connection. */
    void accept(Channel channel) {
        long number = numbers.incrementAndGet();
        accepted.incrementAndGet();
        open.add(channel);
        Fault.OnConnection fault = refusing ? new Fault.RefuseConnection() : replica.faultForConnection();
        if (fault == null) {
            tls(channel, identities.serving(), number);
        } else if (fault instanceof Fault.RefuseConnection) {
            channel.eventLoop().execute(() -> ResponseChannel.reset(channel));
        } else if (fault instanceof Fault.SilentConnection) {
            channel.pipeline().addLast(new Silent());
        } else if (fault instanceof Fault.PlainHttp) {
            http(channel, number);
        } else if (fault instanceof Fault.WrongCertificate wrong) {
            tls(channel, identities.wrong(wrong.flaw()), number);
        }
    }

    /** Sets whether every new connection is reset. */
    void refuse(boolean refusing) {
        this.refusing = refusing;
    }

    long accepted() {
        return accepted.get();
    }

    int open() {
        return open.size();
    }

    /** Resets all open connections. */
    void reset() {
        open.forEach(channel -> channel.eventLoop().execute(() -> ResponseChannel.reset(channel)));
    }

    /** Closes all open connections. */
    void close() {
        open.forEach(Channel::close);
    }

    private void tls(Channel channel, SslContext context, long number) {
        channel.pipeline().addLast(context.newHandler(channel.alloc()));
        channel.pipeline().addLast(new ApplicationProtocolNegotiationHandler(ApplicationProtocolNames.HTTP_1_1) {
            @Override
            protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
                http(ctx.channel(), number);
            }

            @Override
            protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close();
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close();
            }
        });
    }

    private void http(Channel channel, long number) {
        channel.pipeline()
                .addLast(new HttpServerCodec(new HttpDecoderConfig()
                        .setMaxInitialLineLength(HEAD_LIMIT)
                        .setMaxHeaderSize(HEAD_LIMIT)))
                .addLast(new RequestHandler(replica, number));
    }

    /** Discards everything it reads. An error closes the connection. */
    private static final class Silent extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
