package io.tokenguardian.apiserver;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS 1.3 or 1.2, trust in the current CA file, and verification of the server's name. For any thread. */
class TlsSetup {

    /**
     * The maximum number of sessions to keep. A few are enough, because a replica resumes only its own sessions, and
     * each only once (TLS 1.3). By default, Java would keep 20,480 sessions for a day.
     */
    private static final int SESSIONS = 16;

    /** @param trust made from the content of the CA bundle */
    private record Current(X509ExtendedTrustManager trust, SslContext context) {}

    private final ApiServerAddress address;
    private final CertificateAuthority authority;
    private final Duration timeout;
    private final boolean resuming;
    private final @Nullable KeyManager clientKey;
    private volatile @Nullable Current current;

    /** @param resuming whether sessions may be resumed; on a resumed session, the server presents no certificate */
    TlsSetup(
            ApiServerAddress address,
            CertificateAuthority authority,
            Duration timeout,
            boolean resuming,
            @Nullable KeyManager clientKey) {
        this.address = address;
        this.authority = authority;
        this.timeout = timeout;
        this.resuming = resuming;
        this.clientKey = clientKey;
    }

    /** Offers only HTTP/1.1. Each content of the CA file has its own context. */
    SslContext context() throws IOException {
        X509ExtendedTrustManager trust = authority.trust();
        Current last = current;
        if (last == null || last.trust() != trust) {
            last = new Current(trust, newContext(trust));
            current = last;
        }
        return last.context();
    }

    private SslContext newContext(X509ExtendedTrustManager trust) {
        try {
            return SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .trustManager(trust)
                    .keyManager(clientKey)
                    .sessionCacheSize(SESSIONS)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            ApplicationProtocolNames.HTTP_1_1))
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("this Java runtime lacks TLS 1.2 or 1.3", e);
        }
    }

    /** Creates the first handler of {@code channel}, with a context from {@link #context}. */
    SslHandler newHandler(SslContext context, Channel channel) {
        int sessionsPort = resuming ? address.port() : -1; // by the port, Java finds a session to resume
        SslHandler tls = new TrimmingSslHandler(context.newEngine(channel.alloc(), address.serverName(), sessionsPort));
        SSLParameters parameters = tls.engine().getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!address.hasIpServerName()) {
            parameters.setServerNames(List.of(new SNIHostName(address.serverName())));
        }
        tls.engine().setSSLParameters(parameters);
        tls.setHandshakeTimeoutMillis(timeout.toMillis());
        return tls;
    }

    String authority() {
        return authority.source();
    }

    Duration timeout() {
        return timeout;
    }
}
