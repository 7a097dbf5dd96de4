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
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.Connector;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.Escrow;
import io.tokenguardian.guardian.Outlook;
import io.tokenguardian.listener.AcceptFailures;
import io.tokenguardian.listener.ConnectionLimit;
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
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The local proxy as a whole: its listeners, its event loops, and what they share. {@link #close()} is final. */
@SuppressWarnings("FutureReturnValueIgnored") // a close that fails has closed all the same
public final class LocalProxy implements AutoCloseable, Watched {

    /** What was handed to an event loop before its end is still done within this time. */
    private static final Duration LAST_TASKS = Duration.ofSeconds(1);

    private final DataPath path;
    private final UpstreamConnector connector;
    private final EventLoopGroup eventLoops;
    private final LoopPings pings;
    private final ProxyCapacity capacity;
    private final ConnectionLimit callerLimit;
    private final int threads;
    private final ChannelGroup callers = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Map<EventLoop, Lane> lanes = new ConcurrentHashMap<>();
    private final List<Channel> listeners = new ArrayList<>();
    private volatile boolean started;
    private @Nullable UnixSocketFile socketFile;
    private @Nullable Runnable endOfListening;

    /**
     * Makes a proxy that does not listen yet.
     *
     * @param authority the API server's CA
     * @param threads how many event loops it has of its own: what floods it holds up nobody else
     * @param nanoTime monotonic time, {@code System::nanoTime}
     */
    public LocalProxy(
            ProxySettings settings,
            Escrow escrow,
            Outlook outlook,
            ApiServerAddress address,
            CertificateAuthority authority,
            ProxyCapacity capacity,
            int threads,
            LongSupplier nanoTime) {
        this.threads = threads;
        this.capacity = capacity;
        this.callerLimit = new ConnectionLimit(capacity.callers(), this::makeRoom);
        this.eventLoops = new NioEventLoopGroup(threads, new DefaultThreadFactory("proxy", true));
        this.pings = new LoopPings(eventLoops, nanoTime);
        this.path = new DataPath(
                settings,
                escrow,
                outlook,
                new AsciiString(address.authority()),
                rules(settings),
                new RefusalJudge(settings.leeway(), settings.youngToken()),
                new HeldRequests(settings.maxHeld()),
                new ByteBudget(settings.replayTotal()),
                new ByteBudget(HeadCharge.TOTAL),
                new BufferShare(),
                new ProxyCounters(),
                new ProxyLog(),
                new BearerHeader(),
                nanoTime);
        this.connector = new UpstreamConnector(
                Connector.resuming(address, authority, settings.connectTimeout()),
                settings.keepalive(),
                path.counters());
    }

    DataPath path() {
        return path;
    }

    static List<RequestRule> rules(ProxySettings settings) {
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
        started = true;
        Runnable endOfTokens = path.escrow().onChange(this::tokenChanged);
        Runnable endOfOutlook = path.outlook().onChange(this::outlookChanged);
        endOfListening = () -> {
            endOfTokens.run();
            endOfOutlook.run();
        };
        outlookChanged();
        try {
            InetSocketAddress listen = path.settings().listen();
            if (listen != null) {
                listeners.add(bind(NioServerSocketChannel::new, listen));
            }
            Path unixSocket = path.settings().unixSocket();
            if (unixSocket != null) {
                UnixSocketFile file = new UnixSocketFile(unixSocket);
                SocketAddress unpublished = file.makeRoom();
                socketFile = file;
                listeners.add(bind(LocalProxy::unixChannel, unpublished));
                file.publish();
            }
        } catch (IOException e) {
            close();
            throw e;
        }
        return listeners.stream().map(this::address).toList();
    }

    private SocketAddress address(Channel listener) {
        SocketAddress bound = listener.localAddress();
        return bound instanceof InetSocketAddress || socketFile == null ? bound : socketFile.address();
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
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel listener) {
                        listener.pipeline().addLast(new AcceptFailures(), callerLimit);
                    }
                })
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        callers.add(channel);
                        path.counters().callerConnected(channel);
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
        return lanes.computeIfAbsent(eventLoop, this::newLane);
    }

    private Lane newLane(EventLoop eventLoop) {
        UpstreamPool upstreams = new UpstreamPool(
                eventLoop,
                connector,
                path.settings().http2(),
                path.nanoTime(),
                Math.max(1, capacity.upstreams() / threads),
                path.share(),
                path.log());
        return new Lane(eventLoop, upstreams);
    }

    /** A refusal that has just come stands only later, when nothing else need have happened. */
    private void outlookChanged() {
        tokenChanged();
        path.outlook()
                .untilRefusalStands()
                .ifPresent(
                        left -> eventLoops.next().schedule(this::tokenChanged, left.toNanos(), TimeUnit.NANOSECONDS));
    }

    private void tokenChanged() {
        onEachLane(Lane::tokenChanged);
    }

    private void makeRoom() {
        onEachLane(Lane::makeRoom);
    }

    private void onEachLane(Consumer<Lane> action) {
        try {
            lanes.values().forEach(lane -> lane.eventLoop().execute(() -> action.accept(lane)));
        } catch (RejectedExecutionException e) {
            // the event loops have ended: nobody waits any more
        }
    }

    /** What it has done so far; goes on counting. */
    public ProxyCounters counters() {
        return path.counters();
    }

    /** Its event loops, once they have something to do. */
    @Override
    public List<ThreadState> threads() {
        return started ? pings.threads() : List.of();
    }

    /**
     * Takes no new connections, ends at once what only waits, and gives what is under way, tunnels among it, {@code patience} to
     * end; then closes.
     */
    public void drain(Duration patience) throws InterruptedException {
        long end = path.nanoTime().getAsLong() + patience.toNanos();
        stopListening();
        onEachLane(Lane::drain);
        callers.newCloseFuture().await(end - path.nanoTime().getAsLong(), TimeUnit.NANOSECONDS);
        close();
    }

    private synchronized void stopListening() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly(LAST_TASKS.toMillis()));
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
        if (eventLoops.isShuttingDown()) {
            return;
        }
        callers.close();
        onEachLane(Lane::close);
        eventLoops.shutdownGracefully(0, LAST_TASKS.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits for the end of the event loops, for so long at most. */
    boolean awaitEnd(Duration atMost) {
        return eventLoops.terminationFuture().awaitUninterruptibly(atMost.toMillis());
    }
}
