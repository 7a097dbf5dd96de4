package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.listener.ConnectionLimit;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.proxy.caller.CallerContext;
import io.tokenguardian.proxy.caller.CallerHandler;
import io.tokenguardian.proxy.caller.InClusterTls;
import io.tokenguardian.proxy.caller.LoopCallers;
import io.tokenguardian.proxy.caller.RequestRule;
import io.tokenguardian.proxy.http.BufferShare;
import io.tokenguardian.proxy.http.StrictRequestDecoder;
import io.tokenguardian.proxy.request.LoopState;
import io.tokenguardian.proxy.request.RequestContext;
import io.tokenguardian.proxy.upstream.ConnectionBudget;
import io.tokenguardian.proxy.upstream.FailureRow;
import io.tokenguardian.proxy.upstream.UpstreamConnector;
import io.tokenguardian.proxy.upstream.UpstreamContext;
import io.tokenguardian.proxy.upstream.UpstreamPool;
import io.tokenguardian.replica.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The listeners, the event loops, and the objects that they share. Can't be restarted after {@link #close()}. */
@SuppressWarnings("FutureReturnValueIgnored") // the channel ends even if close fails
public final class LocalProxy implements AutoCloseable, Watched {

    /** The most new connections per second on average, while some replicas refuse the token. */
    private static final int NEW_CONNECTIONS = 20;

    private final CallerContext context;
    private final ProxySettings settings;
    private final ProxyCounters counters = new ProxyCounters();
    private final StaleCallers staleCallers;
    private final RequestContext requests;
    private final EventLoops eventLoops;
    private final ConnectionLimit callerLimit;
    private final ConnectionLimit tlsLimit;
    private final ChannelGroup callers = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Listeners listeners;
    private volatile boolean started;
    private volatile @Nullable String caPem;
    private List<Runnable> subscriptions = List.of();

    /**
     * Creates a proxy that does not listen yet.
     *
     * @param guardian receives observations of the replicas, made from their responses; called on the event loops
     * @param threads the number of event loops. They run only the proxy, so that a flood of requests does not delay
     *     other parts of the program
     * @param timeline the local time line
     * @param nanoTime the monotonic clock, {@code System::nanoTime}
     * @param chance returns random numbers from 0 (inclusive) to 1 (exclusive), to any thread
     */
    public LocalProxy(
            ProxySettings settings,
            TokenSource tokenSource,
            WaitAdvisor waitAdvisor,
            Consumer<Answer> guardian,
            ApiServerAddress address,
            CertificateAuthority authority,
            ProxyCapacity capacity,
            int threads,
            InstantSource timeline,
            LongSupplier nanoTime,
            DoubleSupplier chance) {
        this.settings = settings;
        this.staleCallers = new StaleCallers(settings.leeway(), settings.authorization() == AuthorizationPolicy.KEEP);
        UpstreamContext upstreams = new UpstreamContext(
                tokenSource,
                guardian,
                address,
                new AsciiString(address.hostHeader()),
                settings.leeway(),
                settings.passThrough(),
                new BufferShare(),
                timeline,
                nanoTime,
                chance,
                new ConnectionBudget(nanoTime.getAsLong()),
                new FailureRow(chance, nanoTime.getAsLong()));
        this.requests = new RequestContext(
                settings.holdTimeout(),
                settings.replayLimit(),
                upstreams,
                waitAdvisor,
                new Semaphore(RequestContext.MOST_HELD),
                new Semaphore(RequestContext.REPLAY_TOTAL),
                counters);
        this.context = new CallerContext(
                requests,
                RequestRule.all(settings.acceptHosts()),
                settings.authorization(),
                staleCallers,
                new Semaphore(StrictRequestDecoder.BUDGET));
        UpstreamConnector connector =
                new UpstreamConnector(address, authority, settings.connectTimeout(), counters::upstreamConnected);
        int most = Math.max(1, capacity.upstreams() / threads);
        int perSecond = Math.max(1, NEW_CONNECTIONS / threads);
        this.eventLoops = new EventLoops(
                threads,
                nanoTime,
                loop -> new LoopCallers(
                        new LoopState(new UpstreamPool(loop, upstreams, connector, most, perSecond), most)));
        int tls = settings.inCluster() == null ? 0 : capacity.callers() / 2;
        this.callerLimit = limit(capacity.callers() - tls, caller -> !caller.isEncrypted());
        this.tlsLimit = limit(tls, CallerHandler::isEncrypted);
        this.listeners = new Listeners(eventLoops.group());
    }

    private ConnectionLimit limit(int most, Predicate<CallerHandler> counted) {
        return new ConnectionLimit(most, () -> eventLoops.onEach(loop -> loop.makeRoom(counted)));
    }

    CallerContext context() {
        return context;
    }

    /** The callers' connections, tunnels too. */
    ChannelGroup callers() {
        return callers;
    }

    /**
     * Binds the configured listeners: TCP, in-cluster, Unix socket.
     *
     * @return the bound listeners, in this order
     * @throws IOException if a listener can't be bound; the message is one line that names its settings and the cause
     */
    public synchronized List<BoundListener> start() throws IOException {
        started = true;
        subscriptions = List.of(
                requests.upstreams().tokens().onChange(eventLoops::recheckWaiting),
                requests.waitAdvisor().onChange(this::waitAdviceChanged));
        waitAdviceChanged();
        try {
            bind();
        } catch (IOException e) {
            close();
            throw e;
        }
        return listeners.bound();
    }

    private void bind() throws IOException {
        InetSocketAddress listen = settings.listen();
        if (listen != null) {
            listeners.bindTcp(
                    "guardian.proxy.host or guardian.proxy.port", "http", listen, this::onAccept, callerLimit);
        }
        ProxySettings.InCluster inCluster = settings.inCluster();
        if (inCluster != null) {
            InClusterTls tls = InClusterTls.open(inCluster.listen(), inCluster.directory());
            caPem = tls.caPem();
            List<String> hosts = Stream.concat(settings.acceptHosts().stream(), tls.hosts().stream())
                    .toList();
            CallerContext inClusterContext = context.withRules(RequestRule.all(hosts));
            listeners.bindTcp(
                    "guardian.proxy.host or guardian.in-cluster.port",
                    "https",
                    inCluster.listen(),
                    channel -> {
                        tls.install(channel);
                        onAccept(channel, inClusterContext);
                    },
                    tlsLimit);
        }
        Path unixSocket = settings.unixSocket();
        if (unixSocket != null) {
            listeners.bindUnix(unixSocket, this::onAccept, callerLimit);
        }
    }

    private void onAccept(Channel channel) {
        onAccept(channel, context);
    }

    private void onAccept(Channel channel, CallerContext listenersContext) {
        callers.add(channel);
        new CallerHandler(listenersContext, eventLoops.callersOf(channel), channel).install();
    }

    /**
     * Opens a listener for the program's own Kubernetes client, on a free port of the loopback address. Its requests
     * are not counted, and {@code accept-hosts} does not apply to them.
     *
     * @param credential a secret that each request must contain in {@code Proxy-Authorization}, because the other
     *     containers of the pod can connect to this listener too
     */
    public synchronized URI listenForOwnClient(String credential) throws IOException {
        CallerContext own = new CallerContext(
                requests.withCounters(new ProxyCounters()),
                RequestRule.ofOwnClient(credential),
                context.policy(),
                context.tokens(),
                context.headBudget());
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        BoundListener listener = listeners.bindTcp(
                "the guardian's own client", "http", anyPort, channel -> onAccept(channel, own), callerLimit);
        return URI.create(listener.url());
    }

    /**
     * The CA of the in-cluster listener, in PEM.
     *
     * @throws IllegalStateException if this listener is not configured, or {@link #start()} has not been called
     */
    public String inClusterCa() {
        if (caPem == null) {
            throw new IllegalStateException("no in-cluster listener is bound");
        }
        return caPem;
    }

    /** Held requests also check again when a recent refusal becomes final, because no event reports that. */
    private void waitAdviceChanged() {
        eventLoops.recheckWaiting();
        requests.waitAdvisor().untilRefusalIsFinal().ifPresent(eventLoops::recheckWaitingIn);
    }

    public ProxyCounters counters() {
        return counters;
    }

    /** Every token status must be passed to this object. */
    public StaleCallers staleCallers() {
        return staleCallers;
    }

    /** Empty before {@link #start()}. */
    @Override
    public List<ThreadState> threads() {
        return started ? eventLoops.threads() : List.of();
    }

    /**
     * Accepts no new connections, and fails waiting requests at once. Requests in progress and tunnels may continue
     * until {@code patience} has passed. Then closes everything.
     */
    public void drain(Duration patience) throws InterruptedException {
        long end = requests.upstreams().nanoTime().getAsLong() + patience.toNanos();
        stopListening();
        eventLoops.onEach(LoopCallers::drain);
        callers.newCloseFuture().await(end - requests.upstreams().nanoTime().getAsLong(), TimeUnit.NANOSECONDS);
        close();
    }

    private synchronized void stopListening() {
        listeners.close();
        subscriptions.forEach(Runnable::run);
        subscriptions = List.of();
    }

    /** Closes the listeners and all connections at once, and ends the event loops. */
    @Override
    public void close() {
        stopListening();
        if (eventLoops.group().isShuttingDown()) {
            return;
        }
        eventLoops.onEach(LoopCallers::close);
        callers.close(); // closed last, because this sends no reset; the remaining connections are tunnels
        eventLoops.shutDown();
    }

    /** Returns whether the event loops have ended. */
    boolean awaitEnd(Duration atMost) {
        return eventLoops.group().terminationFuture().awaitUninterruptibly(atMost.toMillis());
    }
}
