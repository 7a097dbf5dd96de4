package io.tokenguardian.apiserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.concurrent.LoggedTask;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
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
 *                 └─ next round ───┤ (only the addresses that refused)
 *                                  └──► failed: no address is left, the time is up, or no attempt can help
 * </pre>
 *
 * While no attempt has a TCP connection, extra attempts begin side by side (RFC 8305, section 5). The first with a TCP
 * connection goes on, and the others are abandoned, so an API server under load gets no additional handshakes. Reports
 * the first failure or, at once, a failure that shows that no other attempt can help.
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
    private final Semaphore extraAttempts;

    /** The attempts in progress that have no TCP connection yet. */
    private final List<AddressAttempt> connecting = new ArrayList<>();

    private @Nullable ConnectFailure firstFailure;

    /** The time limit of the look-up, or the beginning of the next extra attempt. */
    private @Nullable ScheduledFuture<?> timer;

    private boolean finished;

    /** @param extraAttempts has a permit for each extra attempt that may begin */
    ConnectAttempts(
            ApiServerAddress address,
            TlsSetup tls,
            NameLookUp names,
            Executor lookUps,
            LongSupplier nanoTime,
            Semaphore extraAttempts,
            Bootstrap bootstrap,
            ChannelFactory<? extends Channel> channels,
            Connector.Outcome outcome) {
        this.address = address;
        this.tls = tls;
        this.names = names;
        this.lookUps = lookUps;
        this.nanoTime = nanoTime;
        this.eventLoop = bootstrap.config().group().next();
        this.bootstrap = bootstrap.clone(eventLoop).disableResolver();
        this.channels = channels;
        this.outcome = outcome;
        this.deadline = nanoTime.getAsLong() + tls.timeout().toNanos();
        this.rounds = new AddressRounds();
        this.extraAttempts = extraAttempts;
    }

    void start() {
        onEventLoop(() -> {
            InetAddress literal = NetUtil.createInetAddressFromIpAddressString(address.tcpHost());
            if (literal == null) {
                lookUp();
            } else {
                found(literal);
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

    private void lookUp() {
        setTimer(
                () -> end(FailureText.lookingUp(address, tls.timeout())),
                tls.timeout().toNanos());
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
        if (!finished) {
            stopTimer();
            rounds.add(addresses);
            tryNext();
        }
    }

    private void tryNext() {
        long time = deadline - nanoTime.getAsLong();
        if (time > 0) {
            rounds.beginNext();
        }
        InetAddress target = rounds.next();
        if (target != null && (firstFailure == null || time > 0)) {
            attempt(target, false);
        } else if (connecting.isEmpty()) {
            end(firstFailure == null ? FailureText.lookingUp(address) : firstFailure);
        }
    }

    /** Replaces the timer. It ends with its event loop, or sooner. */
    private void setTimer(Runnable step, long nanos) {
        stopTimer();
        try {
            timer = eventLoop.schedule(new LoggedTask(step), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) { // the event loop has ended
            end(FailureText.connecting(address, tls.timeout(), e));
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** Returns whether the attempt has begun. */
    private boolean attempt(InetAddress target, boolean extra) {
        SslContext context;
        try {
            context = tls.context();
        } catch (CertificateAuthorityException | RuntimeException | Error e) { // this is the only report
            end(FailureText.settingUpTls(address, e));
            if (e instanceof VirtualMachineError fatal) {
                throw fatal;
            }
            return false;
        }
        Channel made;
        try {
            // Not created by Netty: if that failed, a native executable would print a stack trace.
            made = channels.newChannel();
        } catch (ChannelException e) {
            if (connecting.isEmpty()) {
                end(FailureText.connecting(address, tls.timeout(), e));
            }
            return false;
        }
        AddressAttempt attempt = new AddressAttempt(this, address, tls, target, made, extra);
        connecting.add(attempt);
        attempt.connect(bootstrap, context, outcome, deadline - nanoTime.getAsLong());
        if (connecting.contains(attempt)) {
            setTimerForExtra();
        }
        return true;
    }

    private void setTimerForExtra() {
        long delay = rounds.delayBeforeExtra();
        if (!finished && delay < deadline - nanoTime.getAsLong()) {
            setTimer(this::attemptExtra, delay);
        }
    }

    /** Begins an extra attempt, or waits if no permit or no file descriptor is left. */
    private void attemptExtra() {
        if (!extraAttempts.tryAcquire()) {
            setTimerForExtra();
        } else if (!attempt(rounds.nextExtra(), true)) {
            extraAttempts.release();
            setTimerForExtra();
        }
    }

    /** Called when {@code attempt} has a TCP connection, or has ended. */
    private void removeConnecting(AddressAttempt attempt) {
        if (connecting.remove(attempt) && attempt.isExtra()) {
            extraAttempts.release();
        }
    }

    void onTcpConnected(AddressAttempt attempt) {
        removeConnecting(attempt);
        connecting.forEach(other -> rounds.addToNextRound(other.target())); // unless this attempt succeeds
        abandonConnecting();
    }

    void onConnected(Channel channel) {
        finished = true;
        outcome.connected(channel);
    }

    void onFailed(AddressAttempt attempt, ConnectFailure failure, Throwable cause) {
        removeConnecting(attempt);
        if (LOG.isDebugEnabled()) { // without the cause's message, which may quote received bytes
            LOG.debugf(
                    "connection=failed to=%s cause=%s %s",
                    attempt.target().getHostAddress(), cause.getClass().getSimpleName(), failure.explanation());
        }
        switch (failure.kind()) {
            case FINAL -> end(failure);
            case REFUSED -> {
                rounds.addToNextRound(attempt.target());
                carryOn(failure);
            }
            case SILENT, NO_ROUTE -> carryOn(failure);
        }
    }

    private void carryOn(ConnectFailure failure) {
        firstFailure = firstFailure == null ? failure : firstFailure;
        tryNext();
    }

    private void abandonConnecting() {
        stopTimer();
        for (AddressAttempt each : List.copyOf(connecting)) {
            removeConnecting(each);
            each.abandon();
        }
    }

    private void end(ConnectFailure failure) {
        if (!finished) {
            finished = true;
            try {
                abandonConnecting();
            } finally { // the event loop may have ended, and then rejects the end of a timer
                outcome.failed(failure);
            }
        }
    }
}
