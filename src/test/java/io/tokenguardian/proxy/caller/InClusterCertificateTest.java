package io.tokenguardian.proxy.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The requirements of RFC 5280 and RFC 6818. */
class InClusterCertificateTest {
    private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
    private static final List<String> HOSTS = List.of("127.0.0.1", "::1", "localhost", "kubernetes.default.svc");

    private final X509Certificate certificate = certificate();

    private static X509Certificate certificate() {
        try {
            return InClusterCertificate.of(
                    HOSTS, KeyPairGenerator.getInstance("EC").generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theNamesAreDnsNamesAndAddresses() throws Exception {
        assertThat(certificate.getSubjectAlternativeNames())
                .containsExactly(
                        List.of(7, "127.0.0.1"),
                        List.of(7, "0:0:0:0:0:0:0:1"),
                        List.of(2, "localhost"),
                        List.of(2, "kubernetes.default.svc"));
    }

    @Test
    void itIsOnlyForItsHosts() {
        assertThat(InClusterCertificate.isFor(HOSTS, certificate)).isTrue();
        assertThat(InClusterCertificate.isFor(HOSTS.subList(0, 3), certificate)).isFalse();
    }

    @Test
    void itMayOnlyAuthenticateAServer() throws Exception {
        assertThat(IntStream.range(0, 9).filter(bit -> certificate.getKeyUsage()[bit]))
                .containsExactly(0); // digitalSignature
        assertThat(certificate.getExtendedKeyUsage()).containsExactly(SERVER_AUTHENTICATION);
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
    }

    @Test
    void itIsSelfSigned() {
        assertThatCode(() -> certificate.verify(certificate.getPublicKey())).doesNotThrowAnyException();
        assertThat(certificate.getIssuerX500Principal()).isEqualTo(certificate.getSubjectX500Principal());
    }

    @Test
    void itIsValidOnAnyClock() {
        assertThat(certificate.getNotBefore().toInstant()).isEqualTo(Instant.EPOCH);
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo("9999-12-31T23:59:59Z");
    }

    /** RFC 5280, 4.1.2.5: times up to 2049 must be a UTCTime. */
    @Test
    void theBeginningIsAUtcTimeAndTheEndAGeneralizedTime() throws Exception {
        assertThat(new String(certificate.getEncoded(), StandardCharsets.ISO_8859_1))
                .contains("\u0017\r700101000000Z\u0018\u000f99991231235959Z");
    }

    @Test
    void theSerialNumberIsPositiveAndHasAtMost20Bytes() {
        assertThat(certificate.getSerialNumber()).isPositive();
        assertThat(certificate.getSerialNumber().toByteArray()).hasSizeBetween(8, 20);
        assertThat(certificate.getVersion()).isEqualTo(3);
    }

    @Test
    void lengthsAreEncodedInTheFewestBytes() {
        assertThat(Arrays.copyOf(Der.octets(new byte[0x7f]), 2)).containsExactly(0x04, 0x7f);
        assertThat(Arrays.copyOf(Der.octets(new byte[0x80]), 3)).containsExactly(0x04, 0x81, 0x80);
        assertThat(Arrays.copyOf(Der.octets(new byte[0xff]), 3)).containsExactly(0x04, 0x81, 0xff);
        assertThat(Arrays.copyOf(Der.octets(new byte[0x100]), 4)).containsExactly(0x04, 0x82, 0x01, 0x00);
    }
}
