package io.tokenguardian.apiserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.LongSupplier;

/**
 * Makes verified TLS connections to the API server, for all of the guardian. May be used by any thread.
 *
 * <p>A host name is resolved off the event loop. Its addresses are tried in turn until one has made a connection and a TLS
 * handshake. The connect timeout is for all of them together; each gets an equal share of what is left of it, but 2 s at
 * least. Addresses that refused are tried one more time, since a service address leads each connection to a replica of its
 * own. What times out is not, nor is what only a person can mend, such as a certificate: that ends it at once.
 */
public final class Connector {

    /** What becomes of one connection; called on its event loop. */
    public interface Outcome {

        /** An attempt begins. Its channel may be closed at any time, by any thread; then the attempt has failed. */
        default void opened(Channel channel) {}

        /** TLS is there, in the channel's first handler; the pipeline is the callee's to fill before it returns. */
        void connected(Channel channel);

        /** There will be no connection. */
        void failed(ConnectFailure failure);
    }

    private final ApiServerAddress address;
    private final TlsSetup tls;
    private final NameLookUp names;
    private final LongSupplier nanoTime;

    /** The JDK's look-up of names blocks: it has no business on an event loop. */
    private final Executor lookUps = ForkJoinPool.commonPool();

    Connector(ApiServerAddress address, TlsSetup tls, NameLookUp names, LongSupplier nanoTime) {
        this.address = address;
        this.tls = tls;
        this.names = names;
        this.nanoTime = nanoTime;
    }

    /**
     * For connections that may resume the TLS session of one before, which saves both sides the most of a handshake.
     *
     * @param timeout for the look-up and the TCP connection, and again for the TLS handshake
     */
    public static Connector resuming(ApiServerAddress address, CertificateAuthority authority, Duration timeout) {
        return new Connector(
                address, new TlsSetup(address, authority, timeout, true), NameLookUp.SYSTEM, System::nanoTime);
    }

    /** For connections that have nothing to do with one another: each is shown the server's certificate. */
    static Connector unrelated(ApiServerAddress address, CertificateAuthority authority, Duration timeout) {
        return new Connector(
                address, new TlsSetup(address, authority, timeout, false), NameLookUp.SYSTEM, System::nanoTime);
    }

    /**
     * Connects, sooner or later.
     *
     * @param bootstrap has the event loops and the options of the channel, an NIO one; all else is set here
     * @param http2 whether HTTP/2 is offered beside HTTP/1.1
     */
    public void connect(Bootstrap bootstrap, boolean http2, Outcome outcome) {
        connect(bootstrap, NioSocketChannel::new, http2, outcome);
    }

    void connect(Bootstrap bootstrap, ChannelFactory<? extends Channel> channels, boolean http2, Outcome outcome) {
        new Connecting(address, tls, names, lookUps, nanoTime, bootstrap, channels, http2, outcome).start();
    }
}
