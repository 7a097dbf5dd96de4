package io.tokenguardian.crosscheck;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.client.internal.CertUtils;
import io.tokenguardian.crosscheck.CrossCheck.FailedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/** The key and certificate of a client, which TLS uses if the server asks for a certificate. */
final class ClientKey {
    private static final Pattern PRIVATE_KEY = Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----");

    /** Of a store that exists in memory alone. */
    private static final char[] PASSWORD = "unused".toCharArray();

    private ClientKey() {}

    /**
     * Reads both from PEM. The client's own reader knows keys of RSA and EC, in PKCS#8, PKCS#1 and SEC 1. It can't tell
     * which of the two a PKCS#8 key is: the certificate does.
     */
    static KeyManager of(Section user, byte[] certificatePem, byte[] keyPem) throws FailedException {
        X509Certificate certificate = certificate(user, certificatePem);
        String keyText = new String(keyPem, US_ASCII);
        Matcher begin = PRIVATE_KEY.matcher(keyText);
        try {
            if (begin.find()) {
                KeyStore store = CertUtils.createKeyStore(
                        new ByteArrayInputStream(certificatePem),
                        new ByteArrayInputStream(
                                keyText.substring(begin.start()).getBytes(US_ASCII)),
                        certificate.getPublicKey().getAlgorithm(),
                        PASSWORD,
                        null,
                        null);
                String alias = store.aliases().nextElement();
                if (store.getKey(alias, PASSWORD) instanceof PrivateKey key
                        && isPair(key, certificate.getPublicKey())) {
                    KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                    factory.init(store, PASSWORD);
                    return factory.getKeyManagers()[0];
                }
            }
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            // The reader's messages differ for each wrong key, and may quote it.
        }
        throw user.fault("its client-key is not the key of its client-certificate; allowed is that key in PEM, of RSA"
                + " or EC, without a password");
    }

    private static X509Certificate certificate(Section user, byte[] pem) throws FailedException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
        } catch (CertificateException e) {
            throw user.fault("its client-certificate is not a certificate in PEM");
        }
    }

    private static boolean isPair(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        String algorithm = certified.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        byte[] text = "any".getBytes(US_ASCII);
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(text);
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(certified);
        verifier.update(text);
        return verifier.verify(signer.sign());
    }
}
