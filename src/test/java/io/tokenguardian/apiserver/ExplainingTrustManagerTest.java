package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often a chain is verified. */
class ExplainingTrustManagerTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("test");
    private static final Instant END = Instant.parse("2030-01-01T00:00:00Z");
    private static final X509Certificate[] CHAIN = chain();

    private final CountingTrustManager bundle = new CountingTrustManager();
    private Instant now = END.minus(Duration.ofDays(1));
    private final ExplainingTrustManager trustManager =
            new ExplainingTrustManager(bundle, "ca.crt", new ApiServerAddress("api.test", 6443, "api.test"), () -> now);

    private static X509Certificate[] chain() {
        return new X509Certificate[] {
            AUTHORITY
                    .issue(END.minus(Duration.ofDays(2)), END, KeyPurposeId.id_kp_serverAuth, "api.test")
                    .certificate()
        };
    }

    private void connect(X509Certificate[] chain) throws GeneralSecurityException {
        trustManager.checkServerTrusted(
                chain, "ECDHE_ECDSA", SSLContext.getDefault().createSSLEngine());
    }

    @Test
    void anotherReplicasChainIsVerified() throws Exception {
        connect(CHAIN);

        connect(chain());

        assertThat(bundle.verified).isEqualTo(2);
    }

    @Test
    void aChainIsVerifiedForEachKeyExchange() throws Exception {
        connect(CHAIN);

        trustManager.checkServerTrusted(CHAIN, "RSA", SSLContext.getDefault().createSSLEngine());

        assertThat(bundle.verified).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"-86400000, 1", "0, 1", "1, 2", "-172800000, 1", "-172800001, 2"})
    void aTrustedChainIsVerifiedAgainOutsideOfItsValidity(long millisFromItsEnd, int verified) throws Exception {
        connect(CHAIN);
        now = END.plusMillis(millisFromItsEnd);
        connect(CHAIN);

        assertThat(bundle.verified).isEqualTo(verified);
    }

    private static final class CountingTrustManager extends X509ExtendedTrustManager {
        private int verified;

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            verified++;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            throw new UnsupportedOperationException();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            throw new UnsupportedOperationException();
        }
    }
}
