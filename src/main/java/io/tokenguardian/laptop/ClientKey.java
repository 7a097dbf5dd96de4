package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tokenguardian.laptop.CrossCheck.FailedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** The key and certificate of a client. TLS uses them if the server requests a certificate. */
final class ClientKey {
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----");

    /** The password of a key store that exists only in memory. */
    private static final char[] PASSWORD = "unused".toCharArray();

    private ClientKey() {}

    /** Reads the key and the certificate, both in PEM. Both may be in one file, as they are for kubelet. */
    static KeyManager of(Section user, byte[] certificatePem, byte[] keyPem) throws FailedException {
        X509Certificate[] chain = chain(user, certificatePem);
        PublicKey certified = chain[0].getPublicKey();
        try {
            PrivateKey key = PemKey.of(new String(keyPem, US_ASCII), certified);
            if (key != null && isPair(key, certified)) {
                KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, PASSWORD);
                store.setKeyEntry("client", key, PASSWORD, chain);
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(store, PASSWORD);
                return new OnlyKey((X509ExtendedKeyManager) factory.getKeyManagers()[0]);
            }
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            // The exception's message may quote the key, so every invalid key is reported as the same fault.
        }
        throw user.fault("its client-key is not the key of its client-certificate; allowed is that key in PEM, of RSA"
                + " or EC, without a password");
    }

    private static X509Certificate[] chain(Section user, byte[] pem) throws FailedException {
        String certificates = CERTIFICATE
                .matcher(new String(pem, US_ASCII))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.joining("\n"));
        try {
            X509Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(certificates.getBytes(US_ASCII)))
                    .toArray(X509Certificate[]::new);
            if (chain.length > 0) {
                return chain;
            }
        } catch (CertificateException e) {
            // handled like a file without a certificate
        }
        throw user.fault("its client-certificate is not a certificate in PEM");
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

    /**
     * Presents its certificate whichever authorities the server names, as kubectl does. If none of them has signed it,
     * the JDK would present none, and the API server would see an anonymous caller instead of refusing the certificate.
     */
    private static final class OnlyKey extends X509ExtendedKeyManager {
        private final X509ExtendedKeyManager store;

        OnlyKey(X509ExtendedKeyManager store) {
            this.store = store;
        }

        @Override
        public @Nullable String chooseEngineClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return store.chooseEngineClientAlias(keyTypes, null, engine);
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return store.chooseClientAlias(keyTypes, null, socket);
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return store.getClientAliases(keyType, null);
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            return store.getCertificateChain(alias);
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            return store.getPrivateKey(alias);
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }
}
