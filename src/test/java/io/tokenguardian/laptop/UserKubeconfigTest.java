package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.command.ExitCode;
import io.tokenguardian.standin.StandInApiServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How kubeconfigs are read, and the one-line message for each faulty kubeconfig. */
class UserKubeconfigTest {
    private static final String SECRET = "sec-ret";
    private static final String OF_CA = "server: 'https://127.0.0.1:6443', certificate-authority: ca.crt";
    private static final String OF_NAME = "server: 'https://a.test', certificate-authority: ca.crt";

    private static StandInApiServer server;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() throws IOException {
        server = StandInApiServer.builder().start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private Path kubeconfig(String cluster, String user) throws IOException {
        file("ca.crt", server.caPem());
        return KubeconfigFile.write(directory.resolve("config"), cluster, user);
    }

    private static ClusterAccess access(Path kubeconfig) throws CheckFailedException {
        return UserKubeconfig.access(kubeconfig, null, System.getenv());
    }

    private static AbstractThrowableAssert<?, ?> assertRejected(Path kubeconfig) {
        return assertThatThrownBy(() -> access(kubeconfig))
                .isInstanceOfSatisfying(
                        CheckFailedException.class,
                        e -> assertThat(e.exitCode()).isEqualTo(ExitCode.UNREADABLE))
                .satisfies(e -> assertThat(e.getMessage())
                        .doesNotContain("\n")
                        .doesNotContain(SECRET)
                        .contains(kubeconfig.toString()));
    }

    @Test
    void filesAreRelativeToTheKubeconfig() throws Exception {
        // Given
        Path kubeconfig = kubeconfig(OF_CA + ", tls-server-name: kubernetes", "tokenFile: own-token, token: other");
        file("own-token", SECRET + "\n");

        // When
        ClusterAccess access = access(kubeconfig);

        // Then
        assertThat(access.bearer()).isEqualTo(SECRET);
        assertThat(access.address().serverName()).isEqualTo("kubernetes");
        assertThat(access.toString()).doesNotContain(SECRET);
    }

    /** As saved by some Windows editors. */
    @Test
    void windowsLineEndsAndAByteOrderMarkAreAllowed() throws Exception {
        // Given
        StandInApiServer.ClientCertificate client = server.clientCertificate("admin");
        Path kubeconfig = kubeconfig(OF_CA, "client-certificate: c.pem, client-key: k.pem, tokenFile: own-token");
        file("ca.crt", server.caPem().replace("\n", "\r\n"));
        file("c.pem", client.certificate().replace("\n", "\r\n"));
        file("k.pem", client.key().replace("\n", "\r\n"));
        file("own-token", SECRET + "\r\n");
        file("config", "\ufeff" + Files.readString(kubeconfig).replace("\n", "\r\n"));

        // When
        ClusterAccess access = access(kubeconfig);

        // Then
        assertThat(access.bearer()).isEqualTo(SECRET);
        assertThat(access.clientKey()).isNotNull();
    }

    @Test
    void anEmptyFieldIsAsGoodAsNone() throws Exception {
        Path kubeconfig = kubeconfig(OF_CA + ", proxy-url: ''", "token: t, as: '', as-groups: [], username: ''");

        assertThat(access(kubeconfig).bearer()).isEqualTo("t");
    }

    @ParameterizedTest
    @CsvSource({"', proxy-url: ''socks5://me:sec-ret@p''', the proxy p:1080", "'', the proxy q:80"})
    void theProxyOfTheClusterGoesBeforeThatOfTheEnvironment(String field, String proxy) throws Exception {
        Path kubeconfig = kubeconfig(OF_NAME + field, "token: t");

        ClusterAccess access = UserKubeconfig.access(kubeconfig, null, Map.of("HTTPS_PROXY", "q"));

        assertThat(access.address().proxy()).hasToString(proxy);
        assertThat(access.toString()).doesNotContain(SECRET);
    }

    @Test
    void aWrongProxyOfTheEnvironmentIsNamedWithoutItsPassword() throws Exception {
        Path kubeconfig = kubeconfig(OF_NAME, "token: t");
        Map<String, String> environment = Map.of("https_proxy", "https://me:sec-ret@p");

        assertThatThrownBy(() -> UserKubeconfig.access(kubeconfig, null, environment))
                .isInstanceOf(CheckFailedException.class)
                .hasMessageStartingWith("HTTPS_PROXY can't be used: neither http nor socks5; allowed is ")
                .message()
                .doesNotContain(SECRET);
    }

    @Test
    void theFirstOfSeveralFilesDecides() throws Exception {
        // Given
        Path first = file("first", "current-context: here\nusers: [{name: me, user: {token: first}}]\n");
        Path second = Files.move(kubeconfig(OF_CA, "token: second"), directory.resolve("second"));
        Map<String, String> environment =
                Map.of("KUBECONFIG", ":" + directory.resolve("missing") + ":" + first + ":" + second);

        // When
        ClusterAccess access = UserKubeconfig.access(null, null, environment);

        // Then
        assertThat(access.bearer()).isEqualTo("first");
        assertThat(access.address().port()).isEqualTo(6443);
    }

    @Test
    void withoutTheVariableTheHomeDirectorysFileIsRead() throws Exception {
        // Given
        Path directoryOfIt = Files.createDirectories(directory.resolve(".kube"));
        Files.move(kubeconfig("server: 'https://127.0.0.1'", "token: a"), directoryOfIt.resolve("config"));

        // When
        ClusterAccess access = UserKubeconfig.access(null, "here", Map.of("HOME", directory.toString()));

        // Then
        assertThat(access.address().hostAndPort()).isEqualTo("127.0.0.1:443");
    }

    @Test
    void withoutAnyFileTheDefaultIsNamed() {
        assertThatThrownBy(() -> UserKubeconfig.access(null, null, Map.of("HOME", "/nowhere", "KUBECONFIG", ":")))
                .hasMessage("no kubeconfig: [/nowhere/.kube/config] does not exist; allowed is --kubeconfig FILE, or"
                        + " files in KUBECONFIG");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: [\ntoken: sec-ret\n", "{\"token\": \"sec-ret\"", "%sec-ret"})
    void aFileThatIsNotYamlIsNotQuoted(String text) throws Exception {
        assertRejected(file("config", text)).hasMessageContaining("is neither YAML nor JSON");
    }

    @Test
    void aContextThatIsNotThereIsNotReplacedByTheCurrentOne() throws Exception {
        Path kubeconfig = kubeconfig(OF_CA, "token: a");

        assertThatThrownBy(() -> UserKubeconfig.access(kubeconfig, "other", Map.of()))
                .hasMessage("the kubeconfig has no context \"other\"; allowed is one of [here]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sec-ret | has a field of another type than kubectl allows",
                "contexts: 1 | has a field of another type than kubectl allows",
                "{current-context: a, contexts: [{name: a}]} | its cluster is null; allowed is one of []",
                "{current-context: a, contexts: [{name: a, context: {cluster: c}}], clusters: [{name: d}]} "
                        + "| its cluster is c; allowed is one of [d]",
            })
    void aMissingPartIsNamed(String text, String message) throws Exception {
        assertRejected(file("config", text)).hasMessageContaining(message);
    }

    @Test
    void anEmptyFileHasNoCurrentContext() throws Exception {
        Path empty = file("config", "");

        assertThatThrownBy(() -> access(empty)).hasMessageContaining("has no current-context");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | has no server; allowed is https://HOST",
                "server: 'https://h/k8s' | its server can't be used: has more than a host and a port",
                "server: 'https://h', certificate-authority: none.crt | none.crt, which does not exist",
                "server: 'https://h', certificate-authority-data: '?' | the certificate-authority of cluster",
                "server: 'https://h', proxy-url: 'https://me:sec-ret@p' | its proxy-url can't be used: neither http nor",
                "server: 'https://h', certificate-authority: ca.crt, insecure-skip-tls-verify: true "
                        + "| has a certificate-authority and insecure-skip-tls-verify; allowed is one of the two",
            })
    void aWrongClusterIsNamed(String cluster, String message) throws Exception {
        assertRejected(kubeconfig(cluster, "token: sec-ret"))
                .hasMessageContaining("cluster \"stand-in\" in ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | has no credential; allowed is a token",
                "token: 'sec-ret with spaces' | its token has a character that no token can have",
                "tokenFile: none | tokenFile is the file ",
                "tokenFile: /dev/null | has no credential",
                "client-certificate: ca.crt | has only one of client-certificate and client-key",
                "client-certificate-data: c2Vj, client-key-data: c2Vj | its client-certificate is not a certificate",
                "client-certificate: ca.crt, client-key-data: c2Vj | its client-key is not the key of its",
                "as-groups: [a], token: sec-ret | as-groups is not supported here; allowed is a token",
                "username: admin, password: sec-ret | username is not supported here",
                "exec: {command: a} | its apiVersion is null; allowed is client.authentication.k8s.io/v1",
                "exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin} "
                        + "| its command no-such-plugin can't be run",
            })
    void aWrongUserIsNamed(String user, String message) throws Exception {
        assertRejected(kubeconfig(OF_CA, user))
                .hasMessageContaining("user \"me\" in ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneFileMayHoldCertificateAndKeyAsKubeletsDoes(boolean keyFirst) throws Exception {
        // Given
        StandInApiServer.ClientCertificate client = server.clientCertificate("system:node:a", "system:nodes");
        file("pair.pem", keyFirst ? client.key() + client.certificate() : client.certificate() + client.key());

        // When
        ClusterAccess access = access(kubeconfig(OF_CA, "client-certificate: pair.pem, client-key: pair.pem"));

        // Then
        assertThat(access.clientKey()).isNotNull();
    }

    @Test
    void aPluginGetsWhatKubectlGivesIt() throws Exception {
        // Given
        String user = KubeconfigFile.exec(
                        directory,
                        KubeconfigFile.printing(directory, SECRET)
                                + "; printf %s \"$KUBERNETES_EXEC_INFO $A [$B] $1\" >" + directory.resolve("seen")
                                + "; echo noise >&2")
                .replace("}", ", args: ['b c'], env: [{name: A, value: d}, {name: B}], provideClusterInfo: true}");
        String extension = ", extensions: [{name: client.authentication.k8s.io/exec, extension: {a: [1, {b: true}]}}]";

        // When
        ClusterAccess access = access(kubeconfig(OF_CA + extension, user));

        // Then
        assertThat(access.bearer()).isEqualTo(SECRET);
        String seen = Files.readString(directory.resolve("seen"));
        assertThat(seen).endsWith("} d [] b c");
        JsonObject info = new JsonObject(seen.substring(0, seen.lastIndexOf('}') + 1));
        assertThat(info.getString("kind")).isEqualTo("ExecCredential");
        assertThat(info.getJsonObject("spec").getJsonObject("cluster"))
                .isEqualTo(new JsonObject()
                        .put("server", "https://127.0.0.1:6443")
                        .put("certificate-authority-data", KubeconfigFile.base64(server.caPem()))
                        .put("config", new JsonObject("{\"a\":[1,{\"b\":true}]}")));
    }

    @Test
    void aPluginMayPrintACertificate() throws Exception {
        // Given
        StandInApiServer.ClientCertificate client = server.clientCertificate("admin");
        JsonObject credential = new JsonObject()
                .put("apiVersion", "client.authentication.k8s.io/v1")
                .put(
                        "status",
                        new JsonObject()
                                .put("clientCertificateData", client.certificate())
                                .put("clientKeyData", client.key()));
        file("credential.json", credential.encode());
        String user = KubeconfigFile.exec(directory, "cat " + directory.resolve("credential.json"))
                .replace("}", ", args: null, env: null}");

        // When
        ClusterAccess access = access(kubeconfig(OF_CA, user));

        // Then
        assertThat(access.clientKey()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo sec-ret; exit 3 | failed with exit code 3",
                "echo sec-ret | did not print an ExecCredential of client.authentication.k8s.io/v1",
                "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}' | did not print an ExecCredential",
                "printf '%s' '{\"apiVersion\":\"client.authentication.k8s.io/v1\","
                        + "\"status\":{\"token\":\"sec-ret\\n\"}}' "
                        + "| its token has a character that no token can have",
            })
    void aWrongPluginIsNamed(String script, String message) throws Exception {
        assertRejected(kubeconfig(OF_CA, KubeconfigFile.exec(directory, script)))
                .hasMessageContaining("exec of user \"me\" in ")
                .hasMessageContaining(message);
    }
}
