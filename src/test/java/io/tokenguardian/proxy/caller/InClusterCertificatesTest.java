package io.tokenguardian.proxy.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The requirements of RFC 5280, and OpenSSL's additional checks with {@code X509_V_FLAG_X509_STRICT}. */
class InClusterCertificatesTest {
    private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
    private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    private static final String AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    private static final List<String> HOSTS = List.of("127.0.0.1", "::1", "localhost", "kubernetes.default.svc");

    private KeyPair authorityKeys = keys();
    private X509Certificate authority = authority(authorityKeys);
    private X509Certificate server = authority;

    private static KeyPair keys() {
        try {
            return InClusterAuthority.newKeys();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static X509Certificate authority(KeyPair keys) {
        try {
            return InClusterCertificates.authority(keys);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void make() throws Exception {
        server = InClusterCertificates.server(HOSTS, keys().getPublic(), authority, authorityKeys.getPrivate());
    }

    @Test
    void theServersNamesAreDnsNamesAndAddresses() throws Exception {
        assertThat(server.getSubjectAlternativeNames())
                .containsExactly(
                        List.of(7, "127.0.0.1"),
                        List.of(7, "0:0:0:0:0:0:0:1"),
                        List.of(2, "localhost"),
                        List.of(2, "kubernetes.default.svc"));
    }

    @Test
    void theServerMayOnlyAuthenticateItselfAsAServer() throws Exception {
        assertThat(bits(server.getKeyUsage())).containsExactly(0); // digitalSignature
        assertThat(server.getExtendedKeyUsage()).containsExactly(SERVER_AUTHENTICATION);
        assertThat(server.getBasicConstraints()).isEqualTo(-1);
        assertThat(server.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
    }

    @Test
    void theAuthorityMayOnlySignCertificatesThatAreNoAuthorities() {
        assertThat(bits(authority.getKeyUsage())).containsExactly(5); // keyCertSign
        assertThat(authority.getBasicConstraints()).isZero();
        assertThat(authority.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
    }

    @Test
    void theServerCertificateMatchesTheAuthority() throws Exception {
        server.verify(authority.getPublicKey());
        authority.verify(authority.getPublicKey());
        assertThat(server.getIssuerX500Principal()).isEqualTo(authority.getSubjectX500Principal());
        assertThat(server.getSubjectX500Principal()).isNotEqualTo(authority.getSubjectX500Principal());
        byte[] identifier = authority.getExtensionValue(SUBJECT_KEY_IDENTIFIER);
        assertThat(identifier).hasSize(24); // two headers, 20 bytes
        assertThat(latin1(server.getExtensionValue(AUTHORITY_KEY_IDENTIFIER)))
                .endsWith(latin1(Arrays.copyOfRange(identifier, 4, 24)));
        assertThat(server.getExtensionValue(SUBJECT_KEY_IDENTIFIER)).isNotNull().isNotEqualTo(identifier);
    }

    @Test
    void bothCertificatesAreValidOnAnyClock() {
        for (X509Certificate certificate : List.of(server, authority)) {
            assertThat(certificate.getNotBefore().toInstant()).isEqualTo(Instant.EPOCH);
            assertThat(certificate.getNotAfter().toInstant()).isEqualTo("9999-12-31T23:59:59Z");
        }
    }

    /** RFC 5280, 4.1.2.5: times up to 2049 must be a UTCTime. */
    @Test
    void theBeginningIsAUtcTimeAndTheEndAGeneralizedTime() throws Exception {
        assertThat(latin1(server.getEncoded())).contains("\u0017\r700101000000Z\u0018\u000f99991231235959Z");
    }

    @Test
    void serialNumbersArePositiveAndHaveAtMost20Bytes() {
        for (X509Certificate certificate : List.of(server, authority)) {
            assertThat(certificate.getSerialNumber()).isPositive();
            assertThat(certificate.getSerialNumber().toByteArray()).hasSizeBetween(8, 20);
            assertThat(certificate.getVersion()).isEqualTo(3);
        }
    }

    @Test
    void twoAuthoritiesHaveDifferentNames() {
        assertThat(authority(keys()).getSubjectX500Principal()).isNotEqualTo(authority.getSubjectX500Principal());
    }

    @Test
    void aKeyOfAnotherAuthorityDoesNotSignCertificates() {
        assertThatThrownBy(
                        () -> InClusterCertificates.server(HOSTS, keys().getPublic(), authority, keys().getPrivate()))
                .isInstanceOf(SignatureException.class);
    }

    @Test
    void lengthsAreEncodedInTheFewestBytes() {
        assertThat(Arrays.copyOf(Der.octets(new byte[0x7f]), 2)).containsExactly(0x04, 0x7f);
        assertThat(Arrays.copyOf(Der.octets(new byte[0x80]), 3)).containsExactly(0x04, 0x81, 0x80);
        assertThat(Arrays.copyOf(Der.octets(new byte[0xff]), 3)).containsExactly(0x04, 0x81, 0xff);
        assertThat(Arrays.copyOf(Der.octets(new byte[0x100]), 4)).containsExactly(0x04, 0x82, 0x01, 0x00);
    }

    private static List<Integer> bits(boolean[] usage) {
        return IntStream.range(0, usage.length)
                .filter(bit -> usage[bit])
                .boxed()
                .toList();
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
