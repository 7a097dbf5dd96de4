package io.tokenguardian.proxy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.NetUtil;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.CertificateAuthorityException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** TLS towards the API server: 1.2 or 1.3, trusting the mounted CA as it is by now, and its name verified. */
final class UpstreamTls {

    /**
     * A replica takes only its own sessions, and each once (TLS 1.3): more than a few are never of use, while Java would keep
     * 20,480 of them for a day.
     */
    private static final int SESSIONS = 16;

    private record Generation(long number, SslContext http1, SslContext any) {}

    private final ApiServerAddress address;
    private final CertificateAuthority authority;
    private final Duration handshakeTimeout;
    private volatile @Nullable Generation current;

    UpstreamTls(ApiServerAddress address, CertificateAuthority authority, Duration handshakeTimeout) {
        this.address = address;
        this.authority = authority;
        this.handshakeTimeout = handshakeTimeout;
    }

    /**
     * A handler for one new connection.
     *
     * @param http2 whether HTTP/2 is offered beside HTTP/1.1
     */
    SslHandler newHandler(ByteBufAllocator allocator, boolean http2) throws IOException, CertificateAuthorityException {
        Generation by = generation();
        SslHandler handler =
                (http2 ? by.any() : by.http1()).newHandler(allocator, address.serverName(), address.port());
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!NetUtil.isValidIpV4Address(address.serverName()) && !NetUtil.isValidIpV6Address(address.serverName())) {
            parameters.setServerNames(List.of(new SNIHostName(address.serverName())));
        }
        handler.engine().setSSLParameters(parameters);
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }

    private Generation generation() throws IOException, CertificateAuthorityException {
        CertificateAuthority.Trust trust = authority.trust();
        Generation last = current;
        if (last != null && last.number() == trust.generation()) {
            return last;
        }
        X509TrustManager trustManager = trust.trustManager();
        Generation next = new Generation(
                trust.generation(),
                context(trustManager, ApplicationProtocolNames.HTTP_1_1),
                context(trustManager, ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1));
        current = next;
        return next;
    }

    private static SslContext context(X509TrustManager trustManager, String... protocols) throws IOException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .trustManager(trustManager)
                .sessionCacheSize(SESSIONS)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        protocols))
                .build();
    }
}
