package io.tokenguardian.listener;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.quarkus.runtime.LaunchMode;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.spi.VertxServiceProvider;

/**
 * Vert.x's transport, with limits in front of each listener. Vert.x and Quarkus do not limit pipelined requests, and
 * Quarkus does not limit connections to its management listener. Vert.x finds this class through
 * {@code META-INF/services}.
 */
public final class BoundedTransport extends JDKTransport implements VertxServiceProvider {
    /** The number of bytes to read at a time: enough for an entire request of a kubelet probe. */
    private static final int READ_SIZE = 2 << 10;

    /** In bytes; the kernel doubles it. By default, the kernel would buffer megabytes if one end did not read. */
    private static final int SOCKET_BUFFER = 32 << 10;

    private int connections = FileLimit.FEWEST_CONNECTIONS;

    @Override
    public void init(VertxBuilder builder) {
        connections = FileLimit.read().singleRequestConnections();
        if (LaunchMode.current() != LaunchMode.DEVELOPMENT) { // dev mode's pages need WebSockets and bodies
            builder.findTransport(this);
        }
    }

    @Override
    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        super.configure(options, domainSocket, bootstrap);
        bootstrap
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER) // inherited by accepted connections
                .childOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                .childOption(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_SIZE))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel listener) {
                        SilentConnections silent = new SilentConnections();
                        ConnectionLimit limit = new ConnectionLimit(connections, silent::closeOldest);
                        listener.pipeline().addLast(limit, silent);
                    }
                });
    }
}
