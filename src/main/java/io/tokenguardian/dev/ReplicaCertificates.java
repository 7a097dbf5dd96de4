package io.tokenguardian.dev;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The certificates that one replica can show: the right one, and wrong ones, which are created on first use. */
final class ReplicaCertificates {

    private final Certificates authority;
    private final boolean http2;
    private final SslContext serving;
    private @Nullable SslContext otherAuthority;
    private @Nullable SslContext otherNames;

    ReplicaCertificates(Certificates authority, SslContext serving, boolean http2) {
        this.authority = authority;
        this.serving = serving;
        this.http2 = http2;
    }

    SslContext serving() {
        return serving;
    }

    synchronized SslContext wrong(Fault.WrongCertificate.Flaw flaw) {
        return switch (flaw) {
            case OTHER_AUTHORITY -> {
                if (otherAuthority == null) {
                    otherAuthority =
                            context(Certificates.create().serving(Certificates.SERVING_NAMES), authority, http2);
                }
                yield otherAuthority;
            }
            case OTHER_NAMES -> {
                if (otherNames == null) {
                    otherNames = context(authority.serving(List.of("other.example", "192.0.2.1")), authority, http2);
                }
                yield otherNames;
            }
        };
    }

    /**
     * TLS of the JDK. A client's certificate is requested, with the name of its authority, and not required; what it is
     * worth is decided per request, as in the real server (docs/api-server.md, Client certificates). ALPN picks
     * {@code h2} if the client offers it, else {@code http/1.1}, as there too.
     */
    static SslContext context(Certificates.Identity identity, Certificates clientAuthority, boolean http2) {
        String[] protocols = http2
                ? new String[] {ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1}
                : new String[] {ApplicationProtocolNames.HTTP_1_1};
        try {
            return SslContextBuilder.forServer(identity.key(), identity.certificate())
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .clientAuth(ClientAuth.OPTIONAL)
                    .trustManager(clientAuthority.trustingAnyClient())
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            protocols))
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("no TLS context could be made", e);
        }
    }
}
