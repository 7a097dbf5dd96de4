package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.laptop.CrossCheck.FailedException;
import io.tokenguardian.laptop.CrossCheck.Failure;
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

    private static final String IMPERSONATION = "impersonation; allowed is a user without it";

    private static final Map<String, String> UNSUPPORTED = Map.of(
            "as",
            IMPERSONATION,
            "as-uid",
            IMPERSONATION,
            "as-groups",
            IMPERSONATION,
            "as-user-extra",
            IMPERSONATION,
            "auth-provider",
            "an auth-provider; allowed is an exec plugin",
            "username",
            "a user name with a password; allowed is a token, a client-certificate or exec");

    /** Runs the user's exec plugin if the user has no token. {@code namespace} is null for {@code default}. */
    static ClusterAccess of(
            String context, @Nullable String namespace, Section cluster, Section user, Map<String, String> environment)
            throws FailedException {
        refuseUnsupported(user, "as", "as-uid", "as-groups", "as-user-extra", "auth-provider", "username");
        ApiServerAddress address = address(cluster);
        address = address.through(proxy(cluster, address, environment));
        CertificateAuthority authority = authority(cluster);
        byte[] certificate = user.bytes("client-certificate");
        byte[] key = user.bytes("client-key");
        String bearer = bearer(user);
        Section exec = user.section("exec");
        if (exec != null && bearer == null) {
            ExecPlugin.Credential credential = ExecPlugin.run(exec, cluster, environment);
            bearer = checked(exec, credential.token());
            certificate = credential.certificate() == null ? certificate : credential.certificate();
            key = credential.key() == null ? key : credential.key();
        }
        if ((certificate == null) != (key == null)) {
            throw user.fault("has only one of client-certificate and client-key; allowed is both or neither");
        }
        if (bearer == null && certificate == null) {
            throw user.fault(
                    "has no credential; allowed is a token, a client-certificate with its client-key, or exec");
        }
        KeyManager clientKey = certificate == null || key == null ? null : ClientKey.of(user, certificate, key);
        return new ClusterAccess(
                context,
                namespace == null ? "default" : namespace,
                user.toString(),
                address,
                authority,
                bearer,
                clientKey);
    }

    private static void refuseUnsupported(Section section, String... fields) throws FailedException {
        for (String field : fields) {
            if (section.has(field)) {
                throw section.fault(field + " is not supported here: " + UNSUPPORTED.get(field));
            }
        }
    }

    private static ApiServerAddress address(Section cluster) throws FailedException {
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
            Section cluster, ApiServerAddress address, Map<String, String> environment) throws FailedException {
        String ofCluster = cluster.text("proxy-url");
        String url = ofCluster == null ? ProxyEnvironment.proxyFor(address, environment) : ofCluster;
        try {
            return url == null ? null : ForwardProxy.parse(url);
        } catch (IllegalArgumentException e) {
            throw ofCluster == null
                    ? new FailedException(Failure.KUBECONFIG, "HTTPS_PROXY can't be used: " + e.getMessage())
                    : cluster.fault("its proxy-url can't be used: " + e.getMessage());
        }
    }

    private static CertificateAuthority authority(Section cluster) throws FailedException {
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
    private static @Nullable String bearer(Section user) throws FailedException {
        byte[] file = user.has("tokenFile") ? user.bytes("tokenFile") : null;
        String token = file == null ? user.text("token") : new String(file, UTF_8).strip();
        if (token != null && token.isEmpty()) {
            throw user.fault("its tokenFile " + user.text("tokenFile") + " is empty; allowed is a file with a token");
        }
        return checked(user, token);
    }

    private static @Nullable String checked(Section source, @Nullable String token) throws FailedException {
        if (token != null && !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw source.fault(
                    "its token has a character that no token can have; allowed is printable ASCII without spaces");
        }
        return token;
    }

    String mayNot(String what, String inNamespace) {
        return user + " may not " + what + " in the namespace " + inNamespace + " (403)";
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
