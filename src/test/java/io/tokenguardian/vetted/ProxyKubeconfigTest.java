package io.tokenguardian.vetted;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.Context;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProxyKubeconfigTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final URI PROXY = URI.create("http://127.0.0.1:8001");
    private static final Token TOKEN = TestTokens.issuedAt(NOON).token();

    private Path path = Path.of("unset");
    private ProxyKubeconfig kubeconfig = new ProxyKubeconfig(path, PROXY, new Disk());

    @BeforeEach
    void make(@TempDir Path temporary) {
        path = temporary.resolve("new").resolve("config");
        kubeconfig = new ProxyKubeconfig(path, PROXY, new Disk());
    }

    @Test
    void kubeconfigPointsToTheProxyAndNamespaceWithoutASecret() throws IOException {
        kubeconfig.update(about(TOKEN));

        Config config = read();
        assertThat(config.getClusters().get(0).getCluster().getServer()).isEqualTo("http://127.0.0.1:8001");
        assertThat(current(config).getNamespace()).isEqualTo("shop");
        assertThat(current(config).getCluster())
                .isEqualTo(config.getClusters().get(0).getName());
        assertThat(current(config).getUser()).isEqualTo(config.getUsers().get(0).getName());
        assertThat(config.getUsers().get(0).getUser().getToken()).isNull();
        assertThat(Files.readString(path)).doesNotContain(TOKEN.bearer());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-r--r--");
    }

    /**
     * Without {@code insecure-skip-tls-verify} the JavaScript client refuses {@code http://} (tested by
     * ClientSnippetsIT).
     */
    @Test
    void theKubeconfigDisablesTlsVerification() throws IOException {
        kubeconfig.update(about(TOKEN));

        assertThat(read().getClusters().get(0).getCluster().getInsecureSkipTlsVerify())
                .isTrue();
    }

    @Test
    void withoutATokenTheKubeconfigIsNotWritten() throws IOException {
        VettedOutput.WriteOutcome outcome =
                kubeconfig.update(TokenStatuses.of(NOON, new Verdict.Unreadable("no file")));

        assertThat(outcome).isEqualTo(VettedOutput.WriteOutcome.WAITING);
        assertThat(path).doesNotExist();
    }

    @Test
    void anInvalidNamespaceIsOmitted() throws IOException {
        Token odd = TestTokens.issuedAt(NOON)
                .kubernetes("namespace", "shop\"\ncurrent-context: other")
                .token();

        kubeconfig.update(about(odd));

        assertThat(current(read()).getNamespace()).isNull();
        assertThat(Files.readString(path)).doesNotContain("other");
    }

    @Test
    void unchangedContentIsNotRewritten() throws IOException {
        kubeconfig.update(about(TOKEN));
        Object before = Files.getAttribute(path, "unix:ino");

        kubeconfig.update(about(TestTokens.issuedAt(NOON.plusSeconds(1)).token()));

        assertThat(Files.getAttribute(path, "unix:ino")).isEqualTo(before);
    }

    private static TokenStatus about(Token token) {
        return TokenStatuses.of(NOON, new Verdict.Pending(), token);
    }

    private static Context current(Config config) {
        return config.getContexts().stream()
                .filter(context -> context.getName().equals(config.getCurrentContext()))
                .findFirst()
                .orElseThrow()
                .getContext();
    }

    private Config read() throws IOException {
        return new ObjectMapper(new YAMLFactory())
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .readValue(path.toFile(), Config.class);
    }
}
