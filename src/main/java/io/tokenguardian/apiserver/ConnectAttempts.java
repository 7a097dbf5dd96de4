package io.tokenguardian.apiserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
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
final class ConnectAttempts {

    private static final Logger LOG = Logger.getLogger(ConnectAttempts.class);

    private final ApiServerAddress address;
    private final TlsSetup tls;
    private final NameLookUp names;
    private final Executor lookUps;
    private final LongSupplier nanoTime;
    private final Bootstrap bootstrap;
    private final ChannelFactory<? extends Channel> channels;
    private final EventLoop eventLoop;
    private final Connector.Outcome outcome;
    private final long deadline;
    private final AddressRounds rounds;

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
        this.eventLoop = bootstrap.config().group().next();
        this.bootstrap = bootstrap.clone(eventLoop).resolver(NoopAddressResolverGroup.INSTANCE);
        this.channels = channels;
        this.outcome = outcome;
        this.deadline = nanoTime.getAsLong() + tls.timeout().toNanos();
        this.rounds = new AddressRounds(pausing);
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
        rounds.add(addresses);
        tryNext();
    }

    private void tryNext() {
        if (finished) {
            return;
        }
        long time = deadline - nanoTime.getAsLong();
        long nanos = rounds.pauseBeforeNext(time);
        if (nanos > 0) {
            pause(nanos);
            return;
        }
        InetAddress target = rounds.next();
        if (firstFailure != null && (target == null || time <= 0)) {
            end(firstFailure);
        } else if (target == null) {
            end(FailureText.lookingUp(address));
        } else {
            attempt(target, Duration.ofNanos(rounds.share(time)));
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the pause ends with its event loop, or sooner
    private void pause(long nanos) {
        try {
            eventLoop.schedule(this::tryNext, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) { // the event loop has ended
            end(FailureText.connecting(address, tls.timeout(), e));
        }
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
        AddressAttempt attempt = new AddressAttempt(this, address, tls, target);
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

    /** Called when a handshake is complete. */
    void onConnected(Channel channel) {
        finished = true;
        outcome.connected(channel);
    }

    /** Called when an attempt has failed. Tries the next address if that can help. */
    void onFailed(InetAddress target, ConnectFailure failure, Throwable cause) {
        if (LOG.isDebugEnabled()) { // without the cause's message, which may quote received bytes
            LOG.debugf(
                    "connection=failed to=%s cause=%s %s",
                    target.getHostAddress(), cause.getClass().getSimpleName(), failure.explanation());
        }
        switch (failure.kind()) {
            case FINAL -> end(failure);
            case REFUSED -> {
                rounds.addRefused(target);
                carryOn(failure);
            }
            case SILENT, NO_ROUTE -> carryOn(failure);
        }
    }

    private void carryOn(ConnectFailure failure) {
        firstFailure = firstFailure == null ? failure : firstFailure;
        tryNext();
    }

    private void end(ConnectFailure failure) {
        if (!finished) {
            finished = true;
            outcome.failed(failure);
        }
    }
}
