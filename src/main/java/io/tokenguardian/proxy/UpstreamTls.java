package io.tokenguardian.proxy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** TLS towards the API server: 1.2 or 1.3, trusting the mounted CA as it is by now, and its name verified. */
final class UpstreamTls {

    private record Generation(long number, SslContext context) {}

    private final UpstreamAddress address;
    private final TrustSource source;
    private final Duration handshakeTimeout;
    private volatile @Nullable Generation current;

    UpstreamTls(UpstreamAddress address, TrustSource source, Duration handshakeTimeout) {
        this.address = address;
        this.source = source;
        this.handshakeTimeout = handshakeTimeout;
    }

    /** A handler for one new connection. */
    SslHandler newHandler(ByteBufAllocator allocator) throws IOException {
        SslHandler handler = context().newHandler(allocator, address.serverName(), address.port());
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        handler.engine().setSSLParameters(parameters);
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }

    private SslContext context() throws IOException {
        TrustSource.Trust trust = source.trust();
        Generation last = current;
        if (last != null && last.number() == trust.generation()) {
            return last.context();
        }
        SslContext context = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .trustManager(trust.trustManager())
                .build();
        current = new Generation(trust.generation(), context);
        return context;
    }
}
