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

/** A loopback port whose connections are handed on as they come; it can be closed, and opened again on the same port. */
final class ReplicaListener {

    private final EventLoopGroup loops;
    private final Consumer<Channel> accepted;
    private int port;
    private Channel channel;

    /** Listens on {@code port}, 0 for any that is free. */
    ReplicaListener(EventLoopGroup loops, int port, Consumer<Channel> accepted) throws IOException {
        this.loops = loops;
        this.accepted = accepted;
        this.channel = bind(port);
        this.port = ((InetSocketAddress) channel.localAddress()).getPort();
    }

    synchronized int port() {
        return port;
    }

    /** From now on connections are refused by the system. */
    synchronized void close() {
        if (channel.isOpen()) {
            channel.close().syncUninterruptibly();
            // NIO listens on until the selector's next turn, which this timer comes after.
            channel.eventLoop().schedule(() -> {}, 1, TimeUnit.MILLISECONDS).syncUninterruptibly();
        }
    }

    /** Listens again, if closed. */
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
                        accepted.accept(connection);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("127.0.0.1:" + wanted + " can't be listened on: "
                    + bound.cause().getMessage());
        }
        return bound.channel();
    }
}
