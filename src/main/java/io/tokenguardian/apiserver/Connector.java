package io.tokenguardian.apiserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Makes verified TLS connections to the API server as {@link ConnectAttempts} does. May be used by any thread. */
public final class Connector {

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

    /**
     * A permit for each extra attempt in progress, in the whole program. Without this limit, many silent connections
     * would need nine times as many sockets. The limit is well within the file descriptors that are reserved.
     */
    private static final Semaphore EXTRA_ATTEMPTS = new Semaphore(32);

    private final ApiServerAddress address;
    private final TlsSetup tls;
    private final NameLookUp names;
    private final LongSupplier nanoTime;

    /**
     * Runs the JDK's name look-ups, which must not run on an event loop because they block. It has at most one thread
     * for this address. One is enough, because the JDK makes concurrent look-ups of the same name wait for each other.
     */
    private final Executor lookUpExecutor = new ThreadPoolExecutor(
            0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory("name-look-up", true));

    Connector(ApiServerAddress address, TlsSetup tls, NameLookUp names, LongSupplier nanoTime) {
        this.address = address;
        this.tls = tls;
        this.names = names;
        this.nanoTime = nanoTime;
    }

    /**
     * For connections that may resume a TLS session, which saves both sides most of the work of a handshake.
     *
     * @param timeout for the name look-up and the TCP connection together, and again for the TLS handshake
     */
    public static Connector resuming(ApiServerAddress address, CertificateAuthority authority, Duration timeout) {
        TlsSetup tls = new TlsSetup(address, authority, timeout, true, null);
        return new Connector(address, tls, NameLookUp.SYSTEM, System::nanoTime);
    }

    /** For connections that never resume a TLS session, so the server presents its certificate on each. */
    static Connector notResuming(
            ApiServerAddress address,
            CertificateAuthority authority,
            Duration timeout,
            @Nullable KeyManager clientKey) {
        TlsSetup tls = new TlsSetup(address, authority, timeout, false, clientKey);
        return new Connector(address, tls, NameLookUp.SYSTEM, System::nanoTime);
    }

    /** Returns at once. {@code bootstrap} provides the event loops and the options of an NIO channel. */
    public void connect(Bootstrap bootstrap, Outcome outcome) {
        connect(bootstrap, NioSocketChannel::new, outcome);
    }

    void connect(Bootstrap bootstrap, ChannelFactory<? extends Channel> channels, Outcome outcome) {
        new ConnectAttempts(address, tls, names, lookUpExecutor, nanoTime, EXTRA_ATTEMPTS, bootstrap, channels, outcome)
                .start();
    }
}
