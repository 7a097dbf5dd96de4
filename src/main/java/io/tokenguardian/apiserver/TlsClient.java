package io.tokenguardian.apiserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Makes verified TLS connections to the API server, each ready for HTTP/1.1 and none related to another. */
final class TlsClient {

    static final int MAX_HEAD = 16 << 10;

    /** The handler is kept here too: a channel that the other side closes loses its pipeline at any moment. */
    private static final AttributeKey<SslHandler> TLS = AttributeKey.valueOf(TlsClient.class, "tls");

    private static final int MAX_STATUS_LINE = 4 << 10;
    private static final int MAX_CHUNK = 8 << 10;

    private final ApiServerAddress address;
    private final CertificateAuthority authority;
    private final EventLoopGroup eventLoops;
    private final InstantSource clock;
    private final Timeouts timeouts;

    TlsClient(
            ApiServerAddress address,
            CertificateAuthority authority,
            EventLoopGroup eventLoops,
            InstantSource clock,
            Timeouts timeouts) {
        this.address = address;
        this.authority = authority;
        this.eventLoops = eventLoops;
        this.clock = clock;
        this.timeouts = timeouts;
    }

    /**
     * Connects and waits for the end of the TLS handshake. The name is looked up on the calling thread, since the
     * JDK's lookup blocks and the event loops have requests to carry; its addresses are tried in turn.
     *
     * @param opened is given the channel as soon as there is one, so that it can be closed meanwhile
     */
    Channel connect(Consumer<Channel> opened) throws UnreachableException, InterruptedException {
        SslContext context = context();
        ChannelFuture last = null;
        for (InetAddress target : lookUp()) {
            last = bootstrap(context).connect(target, address.port());
            opened.accept(last.channel());
            if (last.await().isSuccess()) {
                awaitHandshake(last.channel());
                return last.channel();
            }
        }
        throw Fault.connecting(address, timeouts, last == null ? new UnknownHostException() : last.cause());
    }

    private InetAddress[] lookUp() throws UnreachableException {
        try {
            return InetAddress.getAllByName(address.host());
        } catch (UnknownHostException e) {
            throw new UnreachableException("the name " + address.host() + " can't be resolved to an address");
        }
    }

    private void awaitHandshake(Channel channel) throws UnreachableException, InterruptedException {
        Future<Channel> handshake = tls(channel).handshakeFuture();
        if (!handshake.await().isSuccess()) {
            throw Fault.handshaking(address, timeouts, handshake.cause());
        }
    }

    /** One context a connection: it holds the cache of sessions, and a resumed session shows no certificate. */
    private SslContext context() throws UnreachableException {
        try {
            return SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .trustManager(
                            new ExplainingTrustManager(authority.trust().trustManager(), authority.file(), address))
                    .build();
        } catch (CertificateAuthorityException e) {
            throw new UnreachableException(String.valueOf(e.getMessage()));
        } catch (SSLException e) {
            throw new IllegalStateException("this Java runtime has no TLS 1.2 and 1.3", e);
        }
    }

    private Bootstrap bootstrap(SslContext context) {
        return new Bootstrap()
                .group(eventLoops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeouts.connectMillis())
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        SslHandler tls = tls(context, channel);
                        channel.attr(TLS).set(tls);
                        channel.pipeline()
                                .addLast(
                                        tls,
                                        new HttpClientCodec(MAX_STATUS_LINE, MAX_HEAD, MAX_CHUNK),
                                        new ExchangeHandler(clock));
                    }
                });
    }

    private SslHandler tls(SslContext context, SocketChannel channel) {
        SslHandler tls = context.newHandler(channel.alloc(), address.serverName(), address.port());
        SSLParameters parameters = tls.engine().getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!address.namedByAddress()) {
            parameters.setServerNames(List.of(new SNIHostName(address.serverName())));
        }
        tls.engine().setSSLParameters(parameters);
        tls.setHandshakeTimeoutMillis(timeouts.connectMillis());
        return tls;
    }

    private static SslHandler tls(Channel channel) {
        return Objects.requireNonNull(channel.attr(TLS).get(), "a connection without TLS");
    }

    /** SHA-256 of the certificate that the other side of {@code channel} has shown, in hex. */
    static String certificate(Channel channel) {
        try {
            byte[] shown =
                    tls(channel).engine().getSession().getPeerCertificates()[0].getEncoded();
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(shown));
        } catch (SSLPeerUnverifiedException | CertificateEncodingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("a TLS session without a certificate", e);
        }
    }
}
