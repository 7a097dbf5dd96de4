package io.tokenguardian.standin;

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

/** The certificates that one replica can present: the right one, and wrong ones that are created on first use. */
final class ReplicaCertificates {

    private final Certificates authority;
    private final SslContext serving;
    private @Nullable SslContext otherAuthority;
    private @Nullable SslContext otherNames;

    ReplicaCertificates(Certificates authority, SslContext serving) {
        this.authority = authority;
        this.serving = serving;
    }

    SslContext serving() {
        return serving;
    }

    synchronized SslContext wrong(Fault.WrongCertificate.Flaw flaw) {
        return switch (flaw) {
            case OTHER_AUTHORITY -> {
                if (otherAuthority == null) {
                    otherAuthority = context(Certificates.create().serving(Certificates.SERVING_NAMES), authority);
                }
                yield otherAuthority;
            }
            case OTHER_NAMES -> {
                if (otherNames == null) {
                    otherNames = context(authority.serving(List.of("other.example", "192.0.2.1")), authority);
                }
                yield otherNames;
            }
        };
    }

    /**
     * Creates a JDK TLS context. The server names the authority and requests a client certificate, but does not require
     * one. Whether the certificate is valid is decided for each request, as in the real server (docs/api-server.md,
     * Client certificates). ALPN offers only HTTP/1.1: the program uses no other protocol, and the real server also
     * uses HTTP/1.1 with clients like this.
     */
    static SslContext context(Certificates.Identity identity, Certificates clientAuthority) {
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
                            ApplicationProtocolNames.HTTP_1_1))
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("can't create a TLS context", e);
        }
    }
}
