package io.tokenguardian.dev;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Consumer;

/**
 * A loopback port whose connections are handed on as they come; it can be closed, and opened again on the same port, which
 * nobody else gets meanwhile.
 */
final class ReplicaListener {

    private final EventLoopGroup loops;
    private final Consumer<Channel> accepted;
    /** Bound to the port and never listening, it keeps the system from giving it to others while nothing listens. */
    private final Socket reservation;

    private Channel channel;

    /** Listens on {@code port}, 0 for any that is free. */
    ReplicaListener(EventLoopGroup loops, int port, Consumer<Channel> accepted) throws IOException {
        this.loops = loops;
        this.accepted = accepted;
        this.reservation = reserve(port);
        try {
            this.channel = bind(port());
        } catch (IOException e) {
            reservation.close();
            throw e;
        }
    }

    int port() {
        return reservation.getLocalPort();
    }

    /** From now on connections are refused by the system. */
    synchronized void close() {
        if (channel.isOpen()) {
            channel.close().syncUninterruptibly();
        }
    }

    /** Listens again, if closed. */
    synchronized void open() throws IOException {
        if (!channel.isOpen()) {
            channel = bind(port());
        }
    }

    /** Closes it for good. */
    void end() {
        close();
        try {
            reservation.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Socket reserve(int wanted) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setReuseAddress(true); // lets the listener have the same port
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw failure(wanted, e);
        }
    }

    private static IOException failure(int wanted, Throwable cause) {
        return new IOException("127.0.0.1:" + wanted + " can't be listened on: " + cause.getMessage());
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
            throw failure(wanted, bound.cause());
        }
        return bound.channel();
    }
}
