package io.tokenguardian.standin;

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

/** Listens on a loopback port and passes each connection on. Can stop accepting connections, and keep the port. */
final class ReplicaListener implements AutoCloseable {

    private final EventLoopGroup loops;
    private final Consumer<Channel> onAccept;

    /**
     * A socket that is bound to the port but never listens, so that no other program gets the port while connections
     * are refused.
     */
    private final Socket reservation = new Socket();

    private final Channel channel;

    /** Listens on {@code port}, or on a free port if it is 0. */
    ReplicaListener(EventLoopGroup loops, int port, Consumer<Channel> accepted) throws IOException {
        this.loops = loops;
        this.onAccept = accepted;
        try {
            reservation.setReuseAddress(true);
            reservation.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            this.channel = listen();
        } catch (IOException e) {
            reservation.close();
            throw new IOException("can't listen on 127.0.0.1:" + port + ": " + e.getMessage(), e);
        }
    }

    int port() {
        return reservation.getLocalPort();
    }

    /** Makes the operating system refuse connections from now on. */
    synchronized void stopAccepting() {
        if (channel.isOpen()) {
            channel.close().syncUninterruptibly();
            while (isListening()) { // NIO keeps listening until the selector's next turn
                Thread.onSpinWait();
            }
        }
    }

    private boolean isListening() {
        try (Socket connection = new Socket()) {
            connection.connect(reservation.getLocalSocketAddress());
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Stops listening permanently and releases the port. */
    @Override
    public synchronized void close() {
        stopAccepting();
        try {
            reservation.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Channel listen() throws IOException {
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
                .bind(reservation.getLocalSocketAddress())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(bound.cause().getMessage(), bound.cause());
        }
        return bound.channel();
    }
}
