package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The key and certificate of a client, presented whichever authorities the server names, as kubectl does. With the
 * JDK's key manager, the API server would see an anonymous caller if none of them has signed it.
 */
final class ClientKeyManager extends X509ExtendedKeyManager {
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----");

    private static final String ALIAS = "client";

    private final PrivateKey key;
    private final X509Certificate[] chain;

    private ClientKeyManager(PrivateKey key, X509Certificate[] chain) {
        this.key = key;
        this.chain = chain;
    }

    /** Reads the key and the certificate, both in PEM. Both may be in one file, as they are for kubelet. */
    static ClientKeyManager of(KubeconfigSection user, byte[] certificatePem, byte[] keyPem)
            throws CheckFailedException {
        X509Certificate[] chain;
        try {
            String certificates = CERTIFICATE
                    .matcher(new String(certificatePem, US_ASCII))
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.joining("\n"));
            chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(certificates.getBytes(US_ASCII)))
                    .toArray(X509Certificate[]::new);
        } catch (CertificateException e) {
            chain = new X509Certificate[0];
        }
        if (chain.length == 0) {
            throw user.fault("its client-certificate is not a certificate in PEM");
        }
        try {
            return new ClientKeyManager(PemKey.of(new String(keyPem, US_ASCII), chain[0].getPublicKey()), chain);
        } catch (GeneralSecurityException | RuntimeException e) { // the exception's message may quote the key
            throw user.fault("its client-key is not the key of its client-certificate; allowed is that key in PEM, of"
                    + " RSA or EC, without a password");
        }
    }

    @Override
    public String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return ALIAS;
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return ALIAS;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return chain.clone();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return key;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
