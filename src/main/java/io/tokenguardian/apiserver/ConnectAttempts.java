package io.tokenguardian.apiserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.concurrent.Backoff;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes one connection, on one event loop:
 *
 * <pre>
 *  look-up ──► address ──TCP──► handshake ──► connected
 *                 ▲    │           │
 *                 │    └──failed───┤
 *                 ├─ next address ─┤
 *                 └─ next round ───┤ (only the addresses that refused; the last rounds follow pauses)
 *                                  └──► failed: no address is left, the time is up, or no attempt can help
 * </pre>
 *
 * If several attempts fail, the first failure is reported, as in Go's dialer, because the first address is preferred.
 * If a failure shows that no other attempt can help, that failure is reported instead.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel ends even if close fails
final class ConnectAttempts {

    private static final Logger LOG = Logger.getLogger(ConnectAttempts.class);

    /**
     * How many times to try an address that refuses connections, without pauses in between. HAProxy has the same
     * default. With this number, 12 in 1,000 connections fail if one of three replicas is down.
     */
    private static final int MAX_ROUNDS = 4;

    /**
     * How many more rounds follow, each after a pause, if pauses are wanted. With these additional rounds, only 5 in
     * 100,000 connections fail.
     */
    private static final int PAUSED_ROUNDS = 5;

    /**
     * The pauses before these rounds, 0.8 s in total. A restarting API server is soon removed from the service's
     * endpoints, or is available again.
     */
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(25), Duration.ofMillis(400));

    /**
     * The minimum time allowed for one address, in nanoseconds, if that much time is left. Go's dialer has the same
     * minimum.
     */
    private static final long LEAST_SHARE = TimeUnit.SECONDS.toNanos(2);

    private final ApiServerAddress address;
    private final TlsSetup tls;
    private final NameLookUp names;
    private final Executor lookUps;
    private final LongSupplier nanoTime;
    private final int maxRounds;
    private final Bootstrap bootstrap;
    private final ChannelFactory<? extends Channel> channels;
    private final EventLoop eventLoop;
    private final Connector.Outcome outcome;
    private final long deadline;

    private final Deque<InetAddress> untried = new ArrayDeque<>();
    private final List<InetAddress> refused = new ArrayList<>();
    private int rounds = 1;
    private @Nullable ConnectFailure firstFailure;
    private @Nullable ScheduledFuture<?> lookUpEnd;
    private boolean finished;

    /** @param pausing whether to try an address again, after pauses, if it refuses immediately */
    ConnectAttempts(
            ApiServerAddress address,
            TlsSetup tls,
            NameLookUp names,
            Executor lookUps,
            LongSupplier nanoTime,
            boolean pausing,
            Bootstrap bootstrap,
            ChannelFactory<? extends Channel> channels,
            Connector.Outcome outcome) {
        this.address = address;
        this.tls = tls;
        this.names = names;
        this.lookUps = lookUps;
        this.nanoTime = nanoTime;
        this.maxRounds = pausing ? MAX_ROUNDS + PAUSED_ROUNDS : MAX_ROUNDS;
        this.eventLoop = bootstrap.config().group().next();
        this.bootstrap = bootstrap.clone(eventLoop).resolver(NoopAddressResolverGroup.INSTANCE);
        this.channels = channels;
        this.outcome = outcome;
        this.deadline = nanoTime.getAsLong() + tls.timeout().toNanos();
    }

    void start() {
        onEventLoop(() -> {
            byte[] literal = NetUtil.createByteArrayFromIpAddressString(address.tcpHost());
            if (literal == null) {
                lookUp();
            } else {
                found(literalAddress(literal));
            }
        });
    }

    private void onEventLoop(Runnable step) {
        try {
            if (eventLoop.inEventLoop()) {
                step.run();
            } else {
                eventLoop.execute(step);
            }
        } catch (RejectedExecutionException e) { // the event loop has ended, so no other thread uses this object
            end(FailureText.connecting(address, tls.timeout(), e));
        }
    }

    private static InetAddress literalAddress(byte[] literal) {
        try {
            return InetAddress.getByAddress(literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IP address of the wrong length", e);
        }
    }

    private void lookUp() {
        lookUpEnd = eventLoop.schedule(
                () -> end(FailureText.lookingUp(address, tls.timeout())),
                tls.timeout().toNanos(),
                TimeUnit.NANOSECONDS);
        lookUps.execute(() -> {
            try {
                InetAddress[] addresses = names.addresses(address.tcpHost());
                onEventLoop(() -> found(addresses));
            } catch (UnknownHostException e) {
                onEventLoop(() -> end(FailureText.lookingUp(address)));
            }
        });
    }

    private void found(InetAddress... addresses) {
        if (lookUpEnd != null) {
            lookUpEnd.cancel(false);
        }
        untried.addAll(List.of(addresses));
        tryNext();
    }

    private void tryNext() {
        if (finished) {
            return;
        }
        long time = deadline - nanoTime.getAsLong();
        if (untried.isEmpty() && !refused.isEmpty() && time > 0 && rounds < maxRounds) {
            rounds++;
            untried.addAll(refused);
            refused.clear();
            if (rounds > MAX_ROUNDS) {
                pause(Math.min(PAUSES.pause(rounds - MAX_ROUNDS, () -> 0).toNanos(), time));
                return;
            }
        }
        InetAddress target = untried.peek();
        if (firstFailure != null && (target == null || time <= 0)) {
            end(firstFailure);
        } else if (target == null) {
            end(FailureText.lookingUp(address));
        } else {
            long share = share(time, untried.size());
            untried.remove();
            attempt(target, Duration.ofNanos(share));
        }
    }

    private void pause(long nanos) {
        try {
            eventLoop.schedule(this::tryNext, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) { // the event loop has ended
            end(FailureText.connecting(address, tls.timeout(), e));
        }
    }

    /**
     * Returns how long the attempt to connect to the next address may take, in nanoseconds.
     *
     * @param time the remaining time for all {@code addresses} together, in nanoseconds
     */
    static long share(long time, int addresses) {
        return Math.max(time / addresses, Math.min(time, LEAST_SHARE));
    }

    private void attempt(InetAddress target, Duration share) {
        SslContext context;
        try {
            context = tls.context();
        } catch (CertificateAuthorityException | RuntimeException | Error e) { // this is the only report
            end(FailureText.settingUpTls(address, e));
            if (e instanceof VirtualMachineError fatal) {
                throw fatal;
            }
            return;
        }
        Attempt attempt = new Attempt(target);
        Channel made;
        try {
            // The channel is created here and not by Netty, because if creation failed there, a native executable would
            // print a stack trace.
            made = channels.newChannel();
        } catch (ChannelException e) {
            attempt.failed(FailureText.connecting(address, share, e), e);
            return;
        }
        ChannelFuture connected = bootstrap
                .clone()
                .channelFactory(() -> made)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, share.toMillis()))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        ForwardProxy proxy = address.proxy();
                        if (proxy != null) {
                            channel.pipeline().addLast(proxy.newHandler(target, tls.timeout()));
                        }
                        channel.pipeline().addLast(tls.newHandler(context, channel), attempt);
                        outcome.opened(channel);
                    }
                })
                .connect(address.tcpDestination(target));
        // If the event loop has ended, a listener would run on another thread or not at all.
        if (connected.isDone()) {
            attempt.onTcpConnectEnded(connected, share);
        } else {
            connected.addListener(done -> attempt.onTcpConnectEnded(connected, share));
        }
    }

    private void end(ConnectFailure failure) {
        if (!finished) {
            finished = true;
            outcome.failed(failure);
        }
    }

    /**
     * One attempt to connect to one address. Waits for the TCP connection and the TLS handshake, and reports a single
     * result.
     */
    private final class Attempt extends ChannelInboundHandlerAdapter {
        private final InetAddress target;
        private boolean ended;

        Attempt(InetAddress target) {
            this.target = target;
        }

        void onTcpConnectEnded(ChannelFuture connected, Duration within) {
            Throwable cause = connected.cause();
            if (cause != null) {
                failed(FailureText.connecting(address, within, cause), cause);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof SslHandshakeCompletionEvent handshake) || ended) {
                return;
            }
            if (handshake.isSuccess()) {
                ended = true;
                finished = true;
                ctx.pipeline().remove(this);
                outcome.connected(ctx.channel());
            } else {
                handshakeFailed(ctx, handshake.cause());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            handshakeFailed(ctx, new ClosedChannelException());
        }

        /** Handles a reset. Other handshake failures arrive earlier, as events. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            handshakeFailed(ctx, cause);
        }

        private void handshakeFailed(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
            failed(FailureText.handshaking(address, tls.timeout(), cause), cause);
        }

        private void failed(ConnectFailure failure, Throwable cause) {
            if (ended) {
                return;
            }
            ended = true;
            if (LOG.isDebugEnabled()) { // without the cause's message, which may quote received bytes
                LOG.debugf(
                        "connection=failed to=%s cause=%s %s",
                        target.getHostAddress(), cause.getClass().getSimpleName(), failure.explanation());
            }
            switch (failure.kind()) {
                case FINAL -> end(failure);
                case REFUSED -> {
                    refused.add(target);
                    carryOn(failure);
                }
                case SILENT, NO_ROUTE -> carryOn(failure);
            }
        }

        private void carryOn(ConnectFailure failure) {
            firstFailure = firstFailure == null ? failure : firstFailure;
            tryNext();
        }
    }
}
