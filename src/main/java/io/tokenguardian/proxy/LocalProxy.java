package io.tokenguardian.proxy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.AsciiString;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.guardian.Escrow;
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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The local proxy as a whole: its listeners, and what they share. {@link #close()} is final. */
public final class LocalProxy implements AutoCloseable {

    private static final int HTTPS_PORT = 443;
    private static final Duration DRAIN_LOOK = Duration.ofMillis(20);

    private final DataPath path;
    private final UpstreamConnector connector;
    private final EventLoopGroup eventLoops;
    private final Map<EventLoop, Lane> lanes = new ConcurrentHashMap<>();
    private final List<Channel> listeners = new ArrayList<>();
    private @Nullable UnixSocketFile socketFile;
    private @Nullable Runnable endOfListening;

    /**
     * Makes a proxy that does not listen yet.
     *
     * @param authority the API server's CA
     * @param eventLoops NIO event loops; they stay the caller's
     * @param nanoTime monotonic time, {@code System::nanoTime}
     */
    public LocalProxy(
            ProxySettings settings,
            Escrow escrow,
            AcceptanceForecast forecast,
            ApiServerAddress address,
            CertificateAuthority authority,
            EventLoopGroup eventLoops,
            LongSupplier nanoTime) {
        this.eventLoops = eventLoops;
        this.path = new DataPath(
                settings,
                escrow,
                forecast,
                authority(address),
                rules(settings),
                new RefusalJudge(settings.leeway(), settings.youngToken()),
                new HeldRequests(settings.maxHeld()),
                new ReplayBudget(settings.replayTotal()),
                new ProxyCounters(),
                new BearerHeader(),
                nanoTime);
        this.connector = new UpstreamConnector(
                address,
                new UpstreamTls(address, authority, settings.connectTimeout()),
                settings.connectTimeout(),
                settings.keepalive(),
                path.counters());
    }

    /** What requests to {@code address} say in {@code Host}. */
    private static AsciiString authority(ApiServerAddress address) {
        String name = address.serverName();
        String host = name.indexOf(':') < 0 ? name : "[" + name + "]";
        return new AsciiString(address.port() == HTTPS_PORT ? host : host + ":" + address.port());
    }

    private static List<RequestRule> rules(ProxySettings settings) {
        List<RequestRule> rules = new ArrayList<>();
        rules.add(new FramingRule());
        rules.add(new HostRule(settings.acceptHosts()));
        if (!settings.rejectMethods().isEmpty()) {
            rules.add(new MethodRule(settings.rejectMethods()));
        }
        if (!PathRule.letsAllPass(settings.acceptPaths(), settings.rejectPaths())) {
            rules.add(new PathRule(settings.acceptPaths(), settings.rejectPaths()));
        }
        return List.copyOf(rules);
    }

    /**
     * Binds the listeners.
     *
     * @return the addresses they got
     * @throws IOException one line that names the address and what is wrong with it
     */
    public synchronized List<SocketAddress> start() throws IOException {
        endOfListening = path.escrow().onChange(this::tokenChanged);
        try {
            InetSocketAddress listen = path.settings().listen();
            if (listen != null) {
                listeners.add(bind(NioServerSocketChannel::new, listen));
            }
            Path unixSocket = path.settings().unixSocket();
            if (unixSocket != null) {
                UnixSocketFile file = new UnixSocketFile(unixSocket);
                file.makeRoom();
                listeners.add(bind(LocalProxy::unixChannel, file.address()));
                socketFile = file;
                file.restrict();
            }
        } catch (IOException e) {
            close();
            throw e;
        }
        return listeners.stream().map(Channel::localAddress).toList();
    }

    /** Opened here: Netty would look for the JDK's method by reflection, which a native executable does not have. */
    private static ServerChannel unixChannel() {
        try {
            return new NioServerDomainSocketChannel(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Channel bind(ChannelFactory<ServerChannel> factory, SocketAddress address) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(eventLoops)
                .channelFactory(factory)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        new CallerHandler(path, lane(channel.eventLoop()), channel).install();
                    }
                });
        if (address instanceof InetSocketAddress) {
            bootstrap.option(ChannelOption.SO_REUSEADDR, true).childOption(ChannelOption.TCP_NODELAY, true);
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "can't listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
        }
        return bound.channel();
    }

    private Lane lane(EventLoop eventLoop) {
        return lanes.computeIfAbsent(
                eventLoop,
                loop -> new Lane(
                        loop, new UpstreamPool(loop, connector, path.settings().http2(), path.nanoTime())));
    }

    private void tokenChanged() {
        lanes.values().forEach(lane -> lane.eventLoop().execute(lane::tokenChanged));
    }

    /** What it has done so far; goes on counting. */
    public ProxyCounters counters() {
        return path.counters();
    }

    /**
     * Takes no new connections, ends at once what only waits, and gives what is under way {@code patience} to end;
     * then closes.
     */
    public void drain(Duration patience) throws InterruptedException {
        stopListening();
        lanes.values().forEach(lane -> lane.eventLoop().execute(lane::drain));
        long end = path.nanoTime().getAsLong() + patience.toNanos();
        CountDownLatch never = new CountDownLatch(1);
        while (!isIdle() && path.nanoTime().getAsLong() - end < 0) {
            if (never.await(DRAIN_LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
        close();
    }

    private boolean isIdle() throws InterruptedException {
        for (Lane lane : lanes.values()) {
            try {
                if (!lane.eventLoop().submit(lane::isEmpty).get()) {
                    return false;
                }
            } catch (java.util.concurrent.ExecutionException e) {
                return true; // the event loop is gone, and its connections with it
            }
        }
        return true;
    }

    private synchronized void stopListening() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly());
        listeners.clear();
        if (socketFile != null) {
            socketFile.remove();
            socketFile = null;
        }
        if (endOfListening != null) {
            endOfListening.run();
            endOfListening = null;
        }
    }

    /** Ends everything, whatever its state. */
    @Override
    public void close() {
        stopListening();
        lanes.values().forEach(lane -> lane.eventLoop().execute(lane::close));
    }
}
