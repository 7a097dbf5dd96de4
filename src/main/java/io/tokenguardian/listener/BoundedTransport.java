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
 * Vert.x's sockets, with bounds before each listener; Vert.x and Quarkus have none for pipelined requests, and Quarkus
 * none for the number of connections to its management listener. Vert.x finds it by {@code META-INF/services}.
 */
public final class BoundedTransport extends JDKTransport implements VertxServiceProvider {
    /** A probe's head comes in one. */
    private static final int READ = 2 << 10;

    /** The kernel takes twice as much, and would take megabytes for who does not read, or is not read. */
    private static final int SOCKET_BUFFER = 32 << 10;

    @Override
    public void init(VertxBuilder builder) {
        if (LaunchMode.current() != LaunchMode.DEVELOPMENT) { // whose own pages take web sockets and bodies
            builder.findTransport(this);
        }
    }

    @Override
    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        super.configure(options, domainSocket, bootstrap);
        bootstrap
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER) // a connection's is the listener's
                .childOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                .childOption(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel listener) {
                        SilentConnections silent = new SilentConnections();
                        ConnectionLimit limit =
                                new ConnectionLimit(OpenFiles.ofThisProcess().ofShortListener(), silent::closeEldest);
                        listener.pipeline().addLast(new AcceptFailures(), limit, silent);
                    }
                });
    }
}
