package io.tokenguardian.dev;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Listens on a loopback port and passes connections on. Can be closed, and opened again on the same port. */
final class ReplicaListener {

    private final EventLoopGroup loops;
    private final Consumer<Channel> onAccept;
    private int port;
    private Channel channel;

    /** Listens on {@code port}; 0 picks a free one. */
    ReplicaListener(EventLoopGroup loops, int port, Consumer<Channel> accepted) throws IOException {
        this.loops = loops;
        this.onAccept = accepted;
        this.channel = bind(port);
        this.port = ((InetSocketAddress) channel.localAddress()).getPort();
    }

    synchronized int port() {
        return port;
    }

    /** From now on the system refuses connections. */
    synchronized void close() {
        if (channel.isOpen()) {
            channel.close().syncUninterruptibly();
            // NIO keeps listening until the selector's next turn. This timer fires after that turn.
            channel.eventLoop().schedule(() -> {}, 1, TimeUnit.MILLISECONDS).syncUninterruptibly();
        }
    }

    /** Listens again, if it was closed. */
    synchronized void open() throws IOException {
        if (!channel.isOpen()) {
            channel = bind(port);
        }
    }

    private Channel bind(int wanted) throws IOException {
        var bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        onAccept.accept(connection);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "can't listen on 127.0.0.1:" + wanted + ": " + bound.cause().getMessage());
        }
        return bound.channel();
    }
}
