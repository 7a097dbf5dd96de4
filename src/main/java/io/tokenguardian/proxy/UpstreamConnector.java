package io.tokenguardian.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.NetUtil;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthorityException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** Makes new connections to the API server, each ready for a request. */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, which is heard of
final class UpstreamConnector {

    /** What became of it; called on the event loop. */
    interface Outcome {
        void connected(Http1Upstream upstream);

        void connected(Http2Link link);

        /** Says why not; {@code detail} is one line for a person. */
        void failed(ProxyFault fault, String detail);
    }

    private final ApiServerAddress address;
    private final UpstreamTls tls;
    private final Duration connectTimeout;
    private final Keepalive keepalive;
    private final ProxyCounters counters;

    /** The JDK's look-up of names blocks: it has no business on an event loop. */
    private final Executor lookUps = ForkJoinPool.commonPool();

    UpstreamConnector(
            ApiServerAddress address,
            UpstreamTls tls,
            Duration connectTimeout,
            Keepalive keepalive,
            ProxyCounters counters) {
        this.address = address;
        this.tls = tls;
        this.connectTimeout = connectTimeout;
        this.keepalive = keepalive;
        this.counters = counters;
    }

    /**
     * Connects, sooner or later.
     *
     * @param http2 whether HTTP/2 is offered beside HTTP/1.1
     */
    void connect(EventLoop eventLoop, UpstreamPool pool, boolean http2, Outcome outcome) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(address.host());
        if (literal != null) {
            open(eventLoop, pool, http2, outcome, literalAddress(literal));
            return;
        }
        lookUps.execute(() -> {
            InetAddress found = lookUp();
            eventLoop.execute(() -> {
                if (found == null) {
                    outcome.failed(ProxyFault.UPSTREAM_UNREACHABLE, "the name " + address.host() + " is not known");
                } else {
                    open(eventLoop, pool, http2, outcome, found);
                }
            });
        });
    }

    private static InetAddress literalAddress(byte[] literal) {
        try {
            return InetAddress.getByAddress(literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IP address of the wrong length", e);
        }
    }

    private @Nullable InetAddress lookUp() {
        try {
            return InetAddress.getByName(address.host());
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private void open(EventLoop eventLoop, UpstreamPool pool, boolean http2, Outcome outcome, InetAddress target) {
        SslHandler handler;
        try {
            handler = tls.newHandler(PooledByteBufAllocator.DEFAULT, http2);
        } catch (IOException | CertificateAuthorityException e) {
            outcome.failed(ProxyFault.UPSTREAM_UNREACHABLE, String.valueOf(e.getMessage()));
            return;
        }
        ChannelFuture connected = new Bootstrap()
                .group(eventLoop)
                .channel(NioSocketChannel.class)
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectTimeout.toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), seconds(keepalive.idle()))
                .option(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), seconds(keepalive.interval()))
                .option(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), keepalive.count())
                // A server that answers and closes while we still write must be heard out first.
                .option(ChannelOption.AUTO_CLOSE, false)
                .option(ChannelOption.RCVBUF_ALLOCATOR, new HeapReceiveBuffers(pool.share()))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handler, new Handshake(pool, outcome));
                    }
                })
                .connect(new InetSocketAddress(target, address.port()));
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                fail(outcome, done.cause());
            }
        });
    }

    private static int seconds(Duration duration) {
        return Math.toIntExact(duration.toSeconds());
    }

    /** Waits for the end of the TLS handshake, and makes room for what comes then. */
    private final class Handshake extends ChannelInboundHandlerAdapter {
        private final UpstreamPool pool;
        private final Outcome outcome;

        Handshake(UpstreamPool pool, Outcome outcome) {
            this.pool = pool;
            this.outcome = outcome;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
                return;
            }
            if (handshake.isSuccess()) {
                SslHandler tls = ctx.pipeline().get(SslHandler.class);
                ctx.pipeline().remove(this);
                counters.upstreamConnected(ctx.channel());
                if (ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
                    outcome.connected(Http2Link.install(ctx.channel(), pool));
                } else {
                    outcome.connected(Http1Upstream.install(ctx.channel(), pool));
                }
            } else {
                ctx.close();
                fail(outcome, handshake.cause());
            }
        }

        /** A failed handshake is told by its event too. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            pool.log().connectionFailed(ctx.channel(), cause);
            ctx.close();
        }
    }

    private void fail(Outcome outcome, Throwable cause) {
        boolean silent = cause instanceof ConnectTimeoutException || cause instanceof SslHandshakeTimeoutException;
        String where = address.host() + " port " + address.port();
        if (silent) {
            outcome.failed(ProxyFault.UPSTREAM_SILENT, where + ", within " + connectTimeout.toSeconds() + " s");
        } else {
            outcome.failed(ProxyFault.UPSTREAM_UNREACHABLE, where + ", " + firstLine(cause));
        }
    }

    private static String firstLine(Throwable cause) {
        String message = cause.getMessage();
        String text = message == null ? cause.getClass().getSimpleName() : message;
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
