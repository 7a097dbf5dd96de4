package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PemKeyTest {
    private static String pem(String type, byte[] der) {
        String base64 = Base64.getMimeEncoder().encodeToString(der); // with Windows line ends
        return "-----BEGIN " + type + "-----\r\n" + base64 + "\r\n-----END " + type + "-----\r\n";
    }

    private static KeyPair pair(String algorithm, int size) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(size);
        return generator.generateKeyPair();
    }

    /** A short key's length takes one byte, a long key's two. */
    @ParameterizedTest
    @CsvSource({
        "RSA, 1024, RSA PRIVATE KEY",
        "RSA, 2048, RSA PRIVATE KEY",
        "EC, 256, EC PRIVATE KEY",
        "EC, 521, EC PRIVATE KEY"
    })
    void aKeyIsTheSameInItsOwnFormatAndInPkcs8(String algorithm, int size, String type) throws Exception {
        KeyPair pair = pair(algorithm, size);
        byte[] pkcs8 = pair.getPrivate().getEncoded();
        byte[] own = PrivateKeyInfo.getInstance(pkcs8).getPrivateKey().getOctets();
        String parameters = pem("EC PARAMETERS", new byte[] {6, 0}); // openssl writes this part first

        assertThat(PemKey.of(pem("PRIVATE KEY", pkcs8), pair.getPublic())).isEqualTo(pair.getPrivate());
        assertThat(PemKey.of(parameters + pem(type, own), pair.getPublic()))
                .hasSameClassAs(pair.getPrivate())
                .extracting(key -> PrivateKeyInfo.getInstance(key.getEncoded()).getPrivateKeyAlgorithm())
                .isEqualTo(PrivateKeyInfo.getInstance(pkcs8).getPrivateKeyAlgorithm());
    }

    @Test
    void withoutAKeyOrWithAnEncryptedOneThereIsNone() throws Exception {
        KeyPair pair = pair("EC", 256);
        String encrypted = pem("ENCRYPTED PRIVATE KEY", pair.getPrivate().getEncoded());

        assertThatThrownBy(() -> PemKey.of("-----BEGIN CERTIFICATE-----", pair.getPublic()))
                .isInstanceOf(GeneralSecurityException.class);
        assertThatThrownBy(() -> PemKey.of(encrypted, pair.getPublic())).isInstanceOf(GeneralSecurityException.class);
    }
}
