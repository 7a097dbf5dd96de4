package io.tokenguardian.proxy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.NetUtil;
import io.tokenguardian.listener.ConnectionLimit;
import io.tokenguardian.proxy.http.BufferShare;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

final class Listeners {

    /** For one listener. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final EventLoopGroup eventLoops;
    private final List<Channel> channels = new ArrayList<>();
    private final List<BoundListener> bound = new ArrayList<>();
    private @Nullable UnixSocketFile socketFile;

    Listeners(EventLoopGroup eventLoops) {
        this.eventLoops = eventLoops;
    }

    /**
     * @param settings the settings that determine {@code address}, to be named in an error message
     * @param scheme {@code http} or {@code https}
     * @throws IOException if the address can't be bound; the message is one line that names the settings, the address
     *     and the cause
     */
    BoundListener bindTcp(
            String settings,
            String scheme,
            InetSocketAddress address,
            Consumer<Channel> onAccept,
            ConnectionLimit limit)
            throws IOException {
        ServerBootstrap bootstrap = bootstrap(NioServerSocketChannel::new, onAccept, limit)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_RCVBUF, BufferShare.CALLER_RECEIVE_BUFFER) // inherited by accepted connections
                .childOption(ChannelOption.TCP_NODELAY, true);
        Channel channel = bind(settings, bootstrap, address);
        BoundListener listener = new BoundListener(scheme, channel.localAddress());
        bound.add(listener);
        return listener;
    }

    void bindUnix(Path path, Consumer<Channel> onAccept, ConnectionLimit limit) throws IOException {
        UnixSocketFile file = new UnixSocketFile(path);
        file.makeRoom();
        bind("guardian.proxy.unix-socket", bootstrap(Listeners::unixChannel, onAccept, limit), file.address());
        socketFile = file;
        file.openToGroup();
        bound.add(new BoundListener("unix", file.address()));
    }

    /** Opens the channel without Netty, which would use reflection and therefore fail in a native executable. */
    private static ServerChannel unixChannel() {
        try {
            return new NioServerDomainSocketChannel(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServerBootstrap bootstrap(
            ChannelFactory<ServerChannel> factory, Consumer<Channel> onAccept, ConnectionLimit limit) {
        return new ServerBootstrap()
                .group(eventLoops)
                .channelFactory(factory)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .handler(limit)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        onAccept.accept(channel);
                    }
                });
    }

    private Channel bind(String settings, ServerBootstrap bootstrap, SocketAddress address) throws IOException {
        ChannelFuture result = bootstrap.bind(address).awaitUninterruptibly();
        if (!result.isSuccess()) {
            throw new IOException(
                    settings + ": can't listen on " + name(address) + ": "
                            + result.cause().getMessage(),
                    result.cause());
        }
        channels.add(result.channel());
        return result.channel();
    }

    /** Leaves out the {@code /} that Java writes before an address. */
    private static String name(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? NetUtil.toSocketAddressString(inet) : address.toString();
    }

    List<BoundListener> bound() {
        return List.copyOf(bound);
    }

    void close() {
        channels.forEach(listener -> listener.close().awaitUninterruptibly(CLOSE_TIMEOUT.toMillis()));
        channels.clear();
        if (socketFile != null) {
            socketFile.remove();
            socketFile = null;
        }
    }
}
