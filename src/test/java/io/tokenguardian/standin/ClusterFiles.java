package io.tokenguardian.standin;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.RSASSASigner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * The certificate and key files for a cluster of real API servers. The token keys are the stand-in's, so the test can
 * issue tokens that a real server accepts.
 */
public final class ClusterFiles {
    private final Certificates authority = Certificates.create();
    private final Certificates.Identity admin = authority.client("admin", List.of("system:masters"));
    private final TokenIssuer issuer = new TokenIssuer(new ObjectStore(InstantSource.system()));
    private final Path directory;

    /** Writes all files into {@code directory}, except the serving certificates. */
    public ClusterFiles(Path directory) throws IOException {
        this.directory = directory;
        write("ca.crt", authority.pem());
        write("accounts.key", privateKey(SigningKey.of(TokenSpec.Signer.RS256)));
        write(
                "accounts.pub",
                publicKey(SigningKey.of(TokenSpec.Signer.RS256)) + publicKey(SigningKey.of(TokenSpec.Signer.ES256)));
        write("more.key", privateKey(SigningKey.of(TokenSpec.Signer.UNKNOWN_KEY)));
        write("more.pub", publicKey(SigningKey.of(TokenSpec.Signer.UNKNOWN_KEY)));
    }

    /** The certificate of the authority for servers and clients. */
    public Path ca() {
        return directory.resolve("ca.crt");
    }

    public String caPem() {
        return authority.pem();
    }

    /** Writes a new serving certificate with the names of replica {@code index}, and its key. */
    public void serving(Path certificate, Path key, int index) throws IOException {
        Certificates.Identity identity = authority.serving(Certificates.namesOf(index));
        Files.writeString(certificate, Certificates.pem("CERTIFICATE", identity.certificate()::getEncoded));
        Files.writeString(key, Certificates.pem("PRIVATE KEY", identity.key()::getEncoded));
    }

    /** The key with which an API server signs tokens. */
    public Path signingKey() {
        return directory.resolve("accounts.key");
    }

    /** The public keys of {@link TokenSpec.Signer#RS256} and {@link TokenSpec.Signer#ES256}. */
    public Path verificationKeys() {
        return directory.resolve("accounts.pub");
    }

    /** The private key of {@link TokenSpec.Signer#UNKNOWN_KEY}, for an API server that should sign with it. */
    public Path furtherSigningKey() {
        return directory.resolve("more.key");
    }

    /** The public key of {@link TokenSpec.Signer#UNKNOWN_KEY}, for an API server that should trust it. */
    public Path furtherKey() {
        return directory.resolve("more.pub");
    }

    /**
     * Issues a token now, by this machine's clock. An object that {@code spec} names without a uid gets an arbitrary
     * uid.
     */
    public String issue(TokenSpec spec) {
        return issuer.issue(spec, Instant.now());
    }

    /** Returns a TLS context with the client certificate of a member of {@code system:masters}. */
    public SSLContext admin() {
        return Certificates.trusting(authority.pem(), admin);
    }

    /** Returns a TLS context without a client certificate. */
    public SSLContext anyone() {
        return Certificates.trusting(authority.pem());
    }

    /** Returns an admin kubeconfig for the API server at {@code url}. */
    public String kubeconfig(String url) {
        String certificate = Certificates.pem("CERTIFICATE", admin.certificate()::getEncoded);
        String key = Certificates.pem("PRIVATE KEY", admin.key()::getEncoded);
        return """
                apiVersion: v1
                kind: Config
                current-context: test
                clusters: [{name: test, cluster: {server: "%s", certificate-authority-data: %s}}]
                contexts: [{name: test, context: {cluster: test, user: admin}}]
                users: [{name: admin, user: {client-certificate-data: %s, client-key-data: %s}}]
                """.formatted(url, base64(caPem()), base64(certificate), base64(key));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    private static String privateKey(SigningKey key) {
        return Certificates.pem(
                "PRIVATE KEY",
                () -> ((RSASSASigner) key.signer()).getPrivateKey().getEncoded());
    }

    private static String publicKey(SigningKey key) {
        return Certificates.pem("PUBLIC KEY", () -> {
            try {
                return key.publicJwk() instanceof com.nimbusds.jose.jwk.AsymmetricJWK jwk
                        ? jwk.toPublicKey().getEncoded()
                        : new byte[0];
            } catch (JOSEException e) {
                throw new IllegalStateException("no public key could be written", e);
            }
        });
    }
}
