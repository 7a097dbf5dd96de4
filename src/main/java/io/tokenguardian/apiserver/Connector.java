package io.tokenguardian.apiserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tokenguardian.concurrent.LoggedTask;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Makes verified TLS connections to the API server. May be used by any thread. For each connection:
 *
 * <pre>
 *  look-up ──► TCP ──first──► handshake ──► connected
 *              │ ▲               │
 *              └─┴── failed ─────┴──► failed: no attempt is left, the time is up, or no attempt can help
 *         next address
 * </pre>
 *
 * The addresses are tried in turn, and again if attempts are left. The next attempt begins as soon as one fails, or
 * beside it after {@link #NEXT_AFTER} without a TCP connection. The first with a TCP connection goes on, and the others
 * are closed, so an API server under load gets no additional handshakes. Of several failures, the first is reported.
 */
public final class Connector {

    /** RFC 8305, section 5, recommends it. */
    static final Duration NEXT_AFTER = Duration.ofMillis(250);

    /** If one of three replicas does not respond, all nine attempts go to it for 1 in 20,000 connections. */
    static final int PROBE_ATTEMPTS = 9;

    /** The proxy itself opens more connections beside a slow one and after a failure, within a budget. */
    static final int REQUEST_ATTEMPTS = 1;

    /** Receives one result, on the connection's event loop or, if that has ended, on any thread. */
    public interface Outcome {

        /**
         * Called when an attempt begins. Several attempts may be in progress. At most one of their channels is used,
         * and the others are closed. Any thread may close a channel at any time, which makes its attempt fail.
         */
        default void opened(Channel channel) {}

        /** Called after the handshake. Before this returns, it must add the handlers that follow TLS. */
        void connected(Channel channel);

        void failed(ConnectFailure failure);
    }

    /** A server's certificate: its SHA-256 hash in hex, and the names that {@link CertificateNames} has chosen. */
    public record ServerCertificate(String sha256, List<String> names) {

        /** Returns the certificate of the server that {@code tls} is connected to. The handshake must be complete. */
        public static ServerCertificate of(SslHandler tls, ApiServerAddress address) {
            try {
                X509Certificate shown =
                        (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(shown.getEncoded());
                return new ServerCertificate(HexFormat.of().formatHex(digest), CertificateNames.of(shown, address));
            } catch (SSLPeerUnverifiedException | CertificateEncodingException | NoSuchAlgorithmException e) {
                throw new IllegalStateException("a TLS session without a certificate", e);
            }
        }
    }

    private final ApiServerAddress address;
    private final TlsSetup tls;
    private final NameLookUp names;
    private final Executor lookUps;
    private final int attempts;

    /** @param attempts the maximum number of attempts, unless the name has more addresses */
    Connector(ApiServerAddress address, TlsSetup tls, NameLookUp names, Executor lookUps, int attempts) {
        this.address = address;
        this.tls = tls;
        this.names = names;
        this.lookUps = lookUps;
        this.attempts = attempts;
    }

    /**
     * For connections that may resume a TLS session, which saves both sides most of the work of a handshake.
     *
     * @param timeout for the name look-up and the TCP connection together, and again for the TLS handshake
     */
    public static Connector resuming(ApiServerAddress address, CertificateAuthority authority, Duration timeout) {
        TlsSetup tls = new TlsSetup(address, authority, timeout, true, null);
        return new Connector(address, tls, NameLookUp.SYSTEM, lookUpThread(), REQUEST_ATTEMPTS);
    }

    /** For connections that never resume a TLS session, so the server presents its certificate on each. */
    static Connector notResuming(
            ApiServerAddress address,
            CertificateAuthority authority,
            Duration timeout,
            @Nullable KeyManager clientKey) {
        TlsSetup tls = new TlsSetup(address, authority, timeout, false, clientKey);
        return new Connector(address, tls, NameLookUp.SYSTEM, lookUpThread(), PROBE_ATTEMPTS);
    }

    /**
     * Runs the JDK's name look-ups, which must not run on an event loop because they block. One thread for an address
     * is enough, because the JDK makes concurrent look-ups of the same name wait for each other.
     */
    static Executor lookUpThread() {
        return new ThreadPoolExecutor(
                0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory("name-look-up", true));
    }

    /** Returns at once. {@code bootstrap} provides the event loops, the channels and their options. */
    public void connect(Bootstrap bootstrap, Outcome outcome) {
        new Connection(bootstrap, outcome).start();
    }

    /** The attempts to make one connection. Only for the event loop. */
    @SuppressWarnings("FutureReturnValueIgnored") // a timer that is no longer needed does nothing
    private final class Connection {
        private final Bootstrap bootstrap;
        private final EventLoop eventLoop;
        private final Outcome outcome;

        /** The attempts that have no TCP connection yet. */
        private final List<ConnectAttempt> connecting = new ArrayList<>();

        private InetAddress[] targets = {};
        private int begun;
        private @Nullable ConnectFailure firstFailure;
        private boolean late;
        private boolean finished;

        Connection(Bootstrap bootstrap, Outcome outcome) {
            this.eventLoop = bootstrap.config().group().next();
            this.bootstrap = bootstrap;
            this.outcome = outcome;
        }

        void start() {
            onEventLoop(() -> {
                after(tls.timeout(), this::onTimeUp);
                InetAddress literal = NetUtil.createInetAddressFromIpAddressString(address.tcpHost());
                if (literal == null) {
                    lookUps.execute(this::lookUp);
                } else {
                    onFound(literal);
                }
            });
        }

        private void onEventLoop(Runnable step) {
            try {
                eventLoop.execute(step);
            } catch (RejectedExecutionException e) { // the event loop has ended, so no other thread uses this object
                end(FailureText.connecting(address, e));
            }
        }

        private void after(Duration time, Runnable step) {
            eventLoop.schedule(new LoggedTask(step), time.toNanos(), TimeUnit.NANOSECONDS);
        }

        private void lookUp() {
            try {
                InetAddress[] addresses = names.addresses(address.tcpHost());
                onEventLoop(() -> onFound(addresses));
            } catch (UnknownHostException e) {
                onEventLoop(() -> end(FailureText.lookingUp(address)));
            }
        }

        private void onFound(InetAddress... addresses) {
            targets = addresses;
            attemptNext();
        }

        private void attemptNext() {
            if (finished) {
                return;
            }
            if (late || begun >= Math.max(attempts, targets.length)) {
                if (connecting.isEmpty()) {
                    end(Objects.requireNonNull(firstFailure));
                }
                return;
            }
            InetAddress target = targets[begun % targets.length];
            int number = ++begun;
            try {
                SslContext context = tls.context();
                ConnectAttempt attempt = new ConnectAttempt(this, target);
                connecting.add(attempt);
                attempt.connect(context);
            } catch (ChannelException e) {
                if (connecting.isEmpty()) {
                    end(FailureText.connecting(address, e));
                }
            } catch (IOException | RuntimeException | Error e) { // this is the only report
                end(FailureText.settingUpTls(address, e));
                if (e instanceof VirtualMachineError fatal) {
                    throw fatal;
                }
            }
            after(NEXT_AFTER, () -> {
                if (begun == number && !connecting.isEmpty()) {
                    attemptNext();
                }
            });
        }

        private void onTimeUp() {
            late = true;
            if (begun == 0) {
                end(FailureText.lookingUp(address, tls.timeout()));
            } else if (!connecting.isEmpty()) {
                end(firstFailure == null ? FailureText.connecting(address, tls.timeout()) : firstFailure);
            }
        }

        void onTcpConnected(ConnectAttempt attempt) {
            connecting.remove(attempt);
            abandonConnecting();
        }

        void onConnected(Channel channel) {
            finished = true;
            outcome.connected(channel);
        }

        void onFailed(ConnectAttempt attempt, ConnectFailure failure) {
            connecting.remove(attempt);
            firstFailure = firstFailure == null ? failure : firstFailure;
            if (failure.kind() == ConnectFailure.Kind.FINAL) {
                end(failure);
            } else {
                attemptNext();
            }
        }

        private void abandonConnecting() {
            List<ConnectAttempt> all = List.copyOf(connecting);
            connecting.clear();
            all.forEach(ConnectAttempt::abandon);
        }

        private void end(ConnectFailure failure) {
            if (!finished) {
                finished = true;
                try {
                    outcome.failed(failure); // first, because this is the only report
                } finally {
                    abandonConnecting();
                }
            }
        }
    }

    /** One attempt: TCP and the TLS handshake. Reports one result, unless it is abandoned. */
    @SuppressWarnings("FutureReturnValueIgnored") // the channel ends even if close fails
    private final class ConnectAttempt extends ChannelInboundHandlerAdapter {
        private final Connection connection;
        private final InetAddress target;
        private final Channel channel;
        private boolean ended;

        ConnectAttempt(Connection connection, InetAddress target) {
            this.connection = connection;
            this.target = target;
            // Not created by Netty: if that failed, a native executable would print a stack trace.
            this.channel = connection.bootstrap.config().channelFactory().newChannel();
        }

        void connect(SslContext context) {
            connection.eventLoop.register(channel);
            ProxyHop proxy = address.proxy();
            if (proxy != null) {
                channel.pipeline().addLast(proxy.newHandler(target, tls.timeout()));
            }
            channel.pipeline().addLast(tls.newHandler(context, channel), this);
            channel.config().setOptions(connection.bootstrap.config().options());
            channel.config().setConnectTimeoutMillis(0); // the time limit is the connection's
            connection.outcome.opened(channel);
            ChannelFuture connected = channel.connect(address.tcpDestination(target));
            // If the event loop has ended, a listener would run on another thread or not at all.
            if (connected.isDone()) {
                onTcpConnectEnded(connected);
            } else {
                connected.addListener(done -> onTcpConnectEnded(connected));
            }
        }

        private void onTcpConnectEnded(ChannelFuture connected) {
            Throwable cause = connected.cause();
            if (cause != null) {
                failed(FailureText.connecting(address, cause));
            } else if (!ended) {
                connection.onTcpConnected(this);
            }
        }

        /** Closes the channel without reporting a result. */
        void abandon() {
            ended = true;
            channel.close();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof SslHandshakeCompletionEvent handshake) || ended) {
                return;
            }
            if (handshake.isSuccess()) {
                ended = true;
                ctx.pipeline().remove(this);
                connection.onConnected(channel);
            } else {
                handshakeFailed(handshake.cause());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            handshakeFailed(new ClosedChannelException());
        }

        /** Handles a reset. Other handshake failures arrive earlier, as events. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            handshakeFailed(cause);
        }

        private void handshakeFailed(Throwable cause) {
            channel.close();
            failed(FailureText.handshaking(address, tls, cause));
        }

        private void failed(ConnectFailure failure) {
            if (!ended) {
                ended = true;
                connection.onFailed(this, failure);
            }
        }
    }
}
