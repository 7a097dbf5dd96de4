package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a TLS context offers, and which connections share a context. */
class TlsSetupTest {
    private final TlsSetup tls = new TlsSetup(
            new ApiServerAddress("api.test", 6443, "api.test"),
            new CertificateAuthority(new TestAuthority("test").file()),
            Duration.ofSeconds(20),
            true,
            null);

    /** Over HTTP/2, a 401 ends the connection (docs/api-server.md, HTTP/2 and GOAWAY). */
    @Test
    void onlyHttp1IsOffered() throws Exception {
        SslContext context = tls.context();

        assertThat(context.applicationProtocolNegotiator().protocols()).containsExactly("http/1.1");
    }

    @Test
    void connectionsShareOneContext() throws Exception {
        assertThat(tls.context()).isSameAs(tls.context());
    }
}
