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
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.WaitAdvisor;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The local proxy: listeners, event loops, and what they share. Can't be started again after {@link #close()}. */
@SuppressWarnings("FutureReturnValueIgnored") // the channel ends even if close fails
public final class LocalProxy implements AutoCloseable, Watched {

    /** The time in which an event loop that is shut down still runs its remaining tasks. */
    private static final Duration LAST_TASKS = Duration.ofSeconds(1);

    /** The most new connections in a second to an API server of which some replicas refuse the token. */
    private static final int NEW_CONNECTIONS = 20;

    private final ProxyContext context;
    private final UpstreamConnector connector;
    private final EventLoopGroup eventLoops;
    private final LoopPings pings;
    private final ConnectionLimit callerLimit;
    private final int maxUpstreamsPerLoop;
    private final int newConnectionsPerLoop;
    private final ChannelGroup callers = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Map<EventLoop, EventLoopState> loopStates = new HashMap<>();
    private final List<Channel> listeners = new ArrayList<>();
    private volatile boolean started;
    private @Nullable UnixSocketFile socketFile;
    private @Nullable Runnable unsubscribe;

    /**
     * Creates a proxy that does not listen yet.
     *
     * @param authority the API server's CA
     * @param threads the number of event loops. Nothing else runs on them, so a flood of requests delays no other part
     * @param nanoTime monotonic time, {@code System::nanoTime}
     */
    public LocalProxy(
            ProxySettings settings,
            TokenSource tokenSource,
            WaitAdvisor waitAdvisor,
            ApiServerAddress address,
            CertificateAuthority authority,
            ProxyCapacity capacity,
            int threads,
            LongSupplier nanoTime) {
        this.maxUpstreamsPerLoop = Math.max(1, capacity.upstreams() / threads);
        this.newConnectionsPerLoop = Math.max(1, NEW_CONNECTIONS / threads);
        this.callerLimit = new ConnectionLimit(capacity.callers(), this::makeRoom);
        this.eventLoops = new NioEventLoopGroup(threads, new DefaultThreadFactory("proxy", true));
        this.pings = new LoopPings(eventLoops, nanoTime);
        this.context = new ProxyContext(
                settings,
                tokenSource,
                waitAdvisor,
                new AsciiString(address.hostHeader()),
                rules(settings.rules()),
                new RetryPolicy(settings.leeway(), settings.youngToken()),
                new HoldLimit(settings.maxHeld()),
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
                context.counters());
        eventLoops.forEach(each -> loopStates.put((EventLoop) each, newLoopState((EventLoop) each)));
    }

    ProxyContext context() {
        return context;
    }

    static List<RequestRule> rules(ProxySettings.Rules settings) {
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
     * @return the addresses that are bound
     * @throws IOException if a listener can't be bound; the message is one line with the address and the cause
     */
    public synchronized List<SocketAddress> start() throws IOException {
        started = true;
        Runnable endOfTokens = context.tokenSource().onChange(this::tokenChanged);
        Runnable endOfAdvice = context.waitAdvisor().onChange(this::waitAdviceChanged);
        unsubscribe = () -> {
            endOfTokens.run();
            endOfAdvice.run();
        };
        waitAdviceChanged();
        try {
            InetSocketAddress listen = context.settings().listen();
            if (listen != null) {
                listeners.add(bind(NioServerSocketChannel::new, listen));
            }
            Path unixSocket = context.settings().unixSocket();
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

    /** Opens the channel itself: Netty would do so by reflection, which fails in a native executable. */
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
                        context.counters().callerConnected(channel);
                        EventLoopState loopState = Objects.requireNonNull(loopStates.get(channel.eventLoop()));
                        new CallerHandler(context, loopState, channel).install();
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

    private EventLoopState newLoopState(EventLoop eventLoop) {
        UpstreamPool upstreams = new UpstreamPool(
                eventLoop,
                connector,
                context.settings().http2(),
                context.nanoTime(),
                maxUpstreamsPerLoop,
                newConnectionsPerLoop,
                context.share(),
                context.log());
        return new EventLoopState(eventLoop, upstreams);
    }

    /** Held requests check again now, and when a recent refusal becomes final, which no event reports. */
    private void waitAdviceChanged() {
        tokenChanged();
        context.waitAdvisor()
                .untilRefusalIsFinal()
                .ifPresent(
                        left -> eventLoops.next().schedule(this::tokenChanged, left.toNanos(), TimeUnit.NANOSECONDS));
    }

    private void tokenChanged() {
        onEachLoop(EventLoopState::recheckWaiting);
    }

    private void makeRoom() {
        onEachLoop(EventLoopState::makeRoom);
    }

    private void onEachLoop(Consumer<EventLoopState> action) {
        try {
            loopStates.values().forEach(loopState -> loopState.eventLoop().execute(() -> action.accept(loopState)));
        } catch (RejectedExecutionException e) {
            // the event loops have ended, so no request waits any more
        }
    }

    /** The proxy's live counters. */
    public ProxyCounters counters() {
        return context.counters();
    }

    /** The state of the event loops; empty before {@link #start()}. */
    @Override
    public List<ThreadState> threads() {
        return started ? pings.threads() : List.of();
    }

    /**
     * Shuts down within {@code patience}. No new connections are accepted, and requests that only wait are ended at
     * once. Requests under way and tunnels may go on until {@code patience} is over. Then everything is closed.
     */
    public void drain(Duration patience) throws InterruptedException {
        long end = context.nanoTime().getAsLong() + patience.toNanos();
        stopListening();
        onEachLoop(EventLoopState::drain);
        callers.newCloseFuture().await(end - context.nanoTime().getAsLong(), TimeUnit.NANOSECONDS);
        close();
    }

    private synchronized void stopListening() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly(LAST_TASKS.toMillis()));
        listeners.clear();
        if (socketFile != null) {
            socketFile.remove();
            socketFile = null;
        }
        if (unsubscribe != null) {
            unsubscribe.run();
            unsubscribe = null;
        }
    }

    /** Closes the listeners and all connections at once, and ends the event loops. */
    @Override
    public void close() {
        stopListening();
        if (eventLoops.isShuttingDown()) {
            return;
        }
        callers.close();
        onEachLoop(EventLoopState::close);
        eventLoops.shutdownGracefully(0, LAST_TASKS.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits at most {@code atMost} for the event loops to end. Returns whether they have. */
    boolean awaitEnd(Duration atMost) {
        return eventLoops.terminationFuture().awaitUninterruptibly(atMost.toMillis());
    }
}
