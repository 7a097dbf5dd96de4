package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.guardian.TokenStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A kubeconfig that points to the proxy. It contains no secret, because the proxy adds the token. It is written as soon
 * as a token has been read, whether accepted or not, because the proxy holds early requests.
 */
final class ProxyKubeconfig extends VettedOutput {
    private static final Set<PosixFilePermission> PUBLIC = PosixFilePermissions.fromString("rw-r--r--");

    /** RFC 1123. Any other text is not a namespace, and would need escaping. */
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private final URI proxy;
    private final AtomicFile file;
    private @Nullable String written;

    ProxyKubeconfig(Path path, URI proxy, Disk disk) {
        super(path);
        this.proxy = proxy;
        this.file = new AtomicFile(path, disk);
    }

    @Override
    WriteOutcome update(TokenStatus tokenStatus) throws IOException {
        if (tokenStatus.token() == null) {
            return written == null ? WriteOutcome.WAITING : WriteOutcome.WRITTEN;
        }
        String next = text(tokenStatus
                .token()
                .claims()
                .serviceAccountNamespace()
                .filter(namespace -> NAMESPACE.matcher(namespace).matches())
                .map(namespace -> "    namespace: \"" + namespace + "\"\n")
                .orElse(""));
        if (!next.equals(written)) {
            file.write(new ByteArrayInputStream(next.getBytes(UTF_8)), PUBLIC);
            written = next;
        }
        return WriteOutcome.WRITTEN;
    }

    private String text(String namespace) {
        return """
                apiVersion: v1
                kind: Config
                current-context: token-guardian
                clusters:
                - name: token-guardian
                  cluster:
                    server: %s
                    insecure-skip-tls-verify: true # there is no TLS; the JavaScript client takes http:// only with this
                contexts:
                - name: token-guardian
                  context:
                    cluster: token-guardian
                    user: token-guardian
                %susers:
                - name: token-guardian
                  user: {}
                """.formatted(proxy, namespace);
    }
}
