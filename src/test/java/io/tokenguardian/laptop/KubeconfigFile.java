package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.standin.TokenSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;

/** A kubeconfig for a stand-in, with the context {@code here}, the cluster {@code stand-in} and the user {@code me}. */
public final class KubeconfigFile {
    /** How the user in a kubeconfig authenticates. */
    public enum Credential {
        CLIENT_CERTIFICATE,
        TOKEN,
        EXEC_PLUGIN
    }

    private KubeconfigFile() {}

    /** Returns a user with this credential. The exec plugin is in {@code directory}. */
    public static String user(Credential credential, StandInApiServer server, Path directory) throws IOException {
        return switch (credential) {
            case CLIENT_CERTIFICATE -> clientCertificate(server.clientCertificate("admin", "operators"));
            case TOKEN -> "token: " + token(server);
            case EXEC_PLUGIN -> exec(directory, printing(directory, token(server)));
        };
    }

    /**
     * Writes a kubeconfig that trusts the stand-in's CA.
     *
     * @param user the fields of the user, in YAML's flow style
     */
    public static Path write(Path file, StandInApiServer server, String user) throws IOException {
        return write(file, "server: " + server.url() + ", certificate-authority-data: " + base64(server.caPem()), user);
    }

    /** Writes a kubeconfig with a {@link #token}. */
    public static Path withToken(Path file, StandInApiServer server) throws IOException {
        return write(file, server, "token: " + token(server));
    }

    /** Returns a token that every replica accepts. */
    public static String token(StandInApiServer server) {
        return server.issue(TokenSpec.unextended()
                .issuedAt(server.replica(0).clock().instant().minusSeconds(1800)));
    }

    public static Path write(Path file, String cluster, String user) throws IOException {
        return Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: here
                contexts:
                - name: here
                  context: {cluster: stand-in, user: me}
                clusters:
                - name: stand-in
                  cluster: {%s}
                users:
                - name: me
                  user: {%s}
                """.formatted(cluster, user));
    }

    /** Returns a user with a client certificate. */
    public static String clientCertificate(StandInApiServer.ClientCertificate client) {
        return "client-certificate-data: %s, client-key-data: %s"
                .formatted(base64(client.certificate()), base64(client.key()));
    }

    /** Returns a user with an exec plugin, which is the shell script {@code plugin.sh} next to the kubeconfig. */
    public static String exec(Path directory, String script) throws IOException {
        Path plugin = Files.writeString(directory.resolve("plugin.sh"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
        return "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: ./plugin.sh}";
    }

    /**
     * Returns a script that prints a token. The token is in a file next to the script, so that no process listing shows
     * it.
     */
    public static String printing(Path directory, String token) throws IOException {
        Files.writeString(directory.resolve("credential.json"), """
                {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}
                """.formatted(token));
        return "cat \"$(dirname \"$0\")/credential.json\"";
    }

    public static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
