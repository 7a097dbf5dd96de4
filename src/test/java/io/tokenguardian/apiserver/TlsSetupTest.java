package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which connections share a context, and with it the sessions. */
class TlsSetupTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("test");
    private static final ApiServerAddress ADDRESS = new ApiServerAddress("api.test", 6443, "api.test");

    private final Path ca = AUTHORITY.file();

    private TlsSetup setup(boolean resuming) {
        return new TlsSetup(ADDRESS, new CertificateAuthority(ca), Duration.ofSeconds(20), resuming, null);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noMoreSessionsAreKeptThanCanBeOfUse(boolean http2) throws Exception {
        SslContext context = setup(true).context(http2);

        assertThat(context.sessionContext().getSessionCacheSize()).isBetween(1, 64);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connectionsThatMayResumeShareOneContext(boolean http2) throws Exception {
        TlsSetup tls = setup(true);

        assertThat(tls.context(http2)).isSameAs(tls.context(http2));
    }

    @Test
    void anotherContentOfTheCaFileMakesAnotherContext() throws Exception {
        // Given
        TlsSetup tls = setup(true);
        SslContext before = tls.context(false);

        // When
        Files.writeString(ca, AUTHORITY.pem() + new TestAuthority("other").pem());

        // Then
        assertThat(tls.context(false)).isNotSameAs(before);
    }

    @Test
    void connectionsThatAreUnrelatedShareNone() throws Exception {
        TlsSetup tls = setup(false);

        assertThat(tls.context(false)).isNotSameAs(tls.context(false));
    }
}
