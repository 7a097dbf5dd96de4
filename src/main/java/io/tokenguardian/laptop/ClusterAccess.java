package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.command.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * How to reach an API server, and the credential for it: a bearer token, a client's key, or both.
 *
 * @param user the user and the kubeconfig file, for messages
 * @param bearer the bearer token, which is secret; null if the user has none
 */
record ClusterAccess(
        String context,
        String namespace,
        String user,
        ApiServerAddress address,
        CertificateAuthority authority,
        @Nullable String bearer,
        @Nullable KeyManager clientKey) {
    /** Of Debian, Red Hat, SUSE and Alpine, in the order in which Go tries them. */
    private static final List<Path> SYSTEM_AUTHORITIES = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/ca-bundle.pem"),
            Path.of("/etc/ssl/cert.pem"));

    private static final String UNVERIFIED = "insecure-skip-tls-verify";

    private static final List<String> UNSUPPORTED =
            List.of("as", "as-uid", "as-groups", "as-user-extra", "auth-provider", "username");

    /** Runs the user's exec plugin if the user has no token. {@code namespace} is null for {@code default}. */
    static ClusterAccess of(
            String context,
            @Nullable String namespace,
            KubeconfigSection cluster,
            KubeconfigSection user,
            Map<String, String> environment)
            throws CheckFailedException {
        for (String field : UNSUPPORTED) {
            if (user.has(field)) {
                throw user.fault(field + " is not supported here; allowed is a token, a client-certificate or exec");
            }
        }
        ApiServerAddress address = address(cluster);
        address = address.through(proxy(cluster, address, environment));
        CertificateAuthority authority = authority(cluster);
        byte[] certificate = user.bytes("client-certificate");
        byte[] key = user.bytes("client-key");
        String bearer = bearer(user);
        if (bearer == null && user.has("exec")) {
            KubeconfigSection exec = new KubeconfigSection(
                    "exec of " + user, user.file(), user.fields().getJsonObject("exec"));
            KubeconfigSection credential = ExecPlugin.run(exec, cluster, environment);
            bearer = checked(credential, credential.text("token"));
            String newCertificate = credential.text("clientCertificateData");
            String newKey = credential.text("clientKeyData");
            certificate = newCertificate == null ? certificate : newCertificate.getBytes(UTF_8);
            key = newKey == null ? key : newKey.getBytes(UTF_8);
        }
        if ((certificate == null) != (key == null)) {
            throw user.fault("has only one of client-certificate and client-key; allowed is both or neither");
        }
        if (bearer == null && certificate == null) {
            throw user.fault(
                    "has no credential; allowed is a token, a client-certificate with its client-key, or exec");
        }
        KeyManager clientKey = certificate == null || key == null ? null : ClientKeyManager.of(user, certificate, key);
        return new ClusterAccess(
                context,
                namespace == null ? "default" : namespace,
                user.toString(),
                address,
                authority,
                bearer,
                clientKey);
    }

    private static ApiServerAddress address(KubeconfigSection cluster) throws CheckFailedException {
        String server = cluster.text("server");
        if (server == null) {
            throw cluster.fault("has no server; allowed is https://HOST or https://HOST:PORT");
        }
        try {
            return ApiServerAddress.parse(server, cluster.text("tls-server-name"));
        } catch (IllegalArgumentException e) {
            throw cluster.fault("its server can't be used: " + e.getMessage());
        }
    }

    private static @Nullable ForwardProxy proxy(
            KubeconfigSection cluster, ApiServerAddress address, Map<String, String> environment)
            throws CheckFailedException {
        String ofCluster = cluster.text("proxy-url");
        String url = ofCluster == null ? ProxyEnvironment.proxyFor(address, environment) : ofCluster;
        try {
            return url == null ? null : ForwardProxy.parse(url);
        } catch (IllegalArgumentException e) {
            throw ofCluster == null
                    ? new CheckFailedException(ExitCode.UNREADABLE, "HTTPS_PROXY can't be used: " + e.getMessage())
                    : cluster.fault("its proxy-url can't be used: " + e.getMessage());
        }
    }

    private static CertificateAuthority authority(KubeconfigSection cluster) throws CheckFailedException {
        byte[] pem = cluster.bytes("certificate-authority");
        if (cluster.isTrue(UNVERIFIED)) {
            if (pem != null) {
                throw cluster.fault("has a certificate-authority and " + UNVERIFIED + "; allowed is one of the two");
            }
            return CertificateAuthority.unverified();
        }
        if (pem == null) {
            return new CertificateAuthority(SYSTEM_AUTHORITIES.stream()
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> cluster.fault("has no certificate-authority, and this machine has none"
                            + " of the files " + SYSTEM_AUTHORITIES + "; allowed is a certificate-authority")));
        }
        try {
            return new CertificateAuthority("the certificate-authority of " + cluster, pem);
        } catch (IOException e) {
            throw cluster.fault(String.valueOf(e.getMessage()));
        }
    }

    /** Returns the token from the user's token file or, if the user has no file, from the kubeconfig. */
    private static @Nullable String bearer(KubeconfigSection user) throws CheckFailedException {
        byte[] file = user.bytes("tokenFile");
        String token = file == null ? user.text("token") : new String(file, UTF_8).strip();
        return checked(user, token == null || token.isEmpty() ? null : token);
    }

    private static @Nullable String checked(KubeconfigSection source, @Nullable String token)
            throws CheckFailedException {
        if (token != null && !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw source.fault(
                    "its token has a character that no token can have; allowed is printable ASCII without spaces");
        }
        return token;
    }

    Optional<String> warning() {
        return authority.isVerifying()
                ? Optional.empty()
                : Optional.of("The server was not verified (" + UNVERIFIED + "): it may not be the cluster's.");
    }

    /** Leaves out the credential. */
    @Override
    public String toString() {
        return "ClusterAccess[context=" + context + ", address=" + address + "]";
    }
}
