package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a TLS context offers, and which connections share a context. */
class TlsSetupTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("test");
    private static final ApiServerAddress ADDRESS = new ApiServerAddress("api.test", 6443, "api.test");

    private final Path ca = AUTHORITY.file();

    private TlsSetup setup() {
        return setup(new CertificateAuthority(ca));
    }

    private static TlsSetup setup(CertificateAuthority authority) {
        return new TlsSetup(ADDRESS, authority, Duration.ofSeconds(20), true, null);
    }

    /** Over HTTP/2, a 401 ends the connection (docs/api-server.md, HTTP/2 and GOAWAY). */
    @Test
    void onlyHttp1IsOffered() throws Exception {
        SslContext context = setup().context();

        assertThat(context.applicationProtocolNegotiator().protocols()).containsExactly("http/1.1");
    }

    @Test
    void onlyAsManySessionsAreKeptAsCanBeUsed() throws Exception {
        SslContext context = setup().context();

        assertThat(context.sessionContext().getSessionCacheSize()).isBetween(1, 64);
    }

    @Test
    void connectionsShareOneContext() throws Exception {
        TlsSetup tls = setup();

        assertThat(tls.context()).isSameAs(tls.context());
    }

    @Test
    void aChangedCaFileMakesAnotherContext() throws Exception {
        // Given
        CertificateAuthority authority = new CertificateAuthority(ca);
        TlsSetup tls = setup(authority);
        SslContext before = tls.context();

        // When
        Files.writeString(ca, AUTHORITY.pem() + new TestAuthority("other").pem());
        authority.refresh();

        // Then
        assertThat(tls.context()).isNotSameAs(before);
    }
}
