package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tokenguardian.laptop.CrossCheck.FailedException;
import io.tokenguardian.laptop.CrossCheck.Failure;
import io.tokenguardian.standin.StandInApiServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.X509KeyManager;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How kubeconfigs are read, and the one-line message for each faulty kubeconfig. */
class KubeconfigTest {
    private static final String SECRET = "sec-ret";
    private static final String OF_CA = "server: 'https://127.0.0.1:6443', certificate-authority: ca.crt";

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

    private static ClusterAccess access(Path kubeconfig) throws FailedException {
        return Kubeconfig.read(kubeconfig, System.getenv()).access(null);
    }

    private static AbstractThrowableAssert<?, ?> assertRejected(Path kubeconfig) {
        return assertThatThrownBy(() -> access(kubeconfig))
                .isInstanceOfSatisfying(
                        FailedException.class, e -> assertThat(e.failure()).isEqualTo(Failure.KUBECONFIG))
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
    void aFileWithoutAnEndIsTooLarge() {
        assertThatThrownBy(() -> access(Path.of("/dev/zero")))
                .hasMessage("the kubeconfig /dev/zero is larger than 16 MiB");
    }

    @Test
    void aFileThatItNamesIsTooLargeBeyondAMebibyte() throws Exception {
        Files.write(directory.resolve("long"), new byte[(1 << 20) + 1]);

        assertRejected(kubeconfig(OF_CA, "tokenFile: long"))
                .hasMessageContaining("tokenFile is the file " + directory.resolve("long"))
                .hasMessageEndingWith(", which is larger than 1 MiB");
        assertRejected(kubeconfig(OF_CA, "tokenFile: /dev/zero")).hasMessageEndingWith("which is larger than 1 MiB");
    }

    /** Opening the FIFO would wait for a writer. */
    @Test
    void aFifoThatItNamesIsNotOpened() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();

        assertRejected(kubeconfig(OF_CA, "tokenFile: fifo"))
                .hasMessageEndingWith("tokenFile is the file " + fifo + ", which is a FIFO; allowed is a regular file");
    }

    @Test
    void moreFieldsThanThereIsMemoryForAreTooMany() throws Exception {
        Path least = file("least", "kind: Config\n" + "a: b\n".repeat(50_000));
        String contexts = "- {name: c, context: {cluster: c, user: u}}\n".repeat(30_000);
        Path many = file("many", "kind: Config\ncontexts:\n" + contexts);

        assertRejected(least).hasMessageContaining("has more than 50,000 fields");
        assertRejected(many).hasMessageContaining("has more than 50,000 fields");
    }

    @Test
    void anEmptyFieldIsAsGoodAsNone() throws Exception {
        Path kubeconfig = kubeconfig(OF_CA + ", proxy-url: ''", "token: t, as: '', as-groups: [], username: ''");

        assertThat(access(kubeconfig).bearer()).isEqualTo("t");
    }

    @Test
    void theProxyOfTheClusterGoesBeforeThatOfTheEnvironment() throws Exception {
        Path kubeconfig = kubeconfig("server: 'https://a.test', proxy-url: 'socks5://me:sec-ret@p'", "token: t");

        ClusterAccess access =
                Kubeconfig.read(kubeconfig, Map.of("HTTPS_PROXY", "q")).access(null);

        assertThat(access.address().proxy()).hasToString("the proxy p:1080");
        assertThat(access.toString()).doesNotContain(SECRET);
    }

    @Test
    void withoutAProxyOfTheClusterTheEnvironmentsCounts() throws Exception {
        Path kubeconfig = kubeconfig("server: 'https://a.test', certificate-authority: ca.crt", "token: t");

        ClusterAccess access =
                Kubeconfig.read(kubeconfig, Map.of("HTTPS_PROXY", "q")).access(null);

        assertThat(access.address().proxy()).hasToString("the proxy q:80");
    }

    @Test
    void aWrongProxyOfTheEnvironmentIsNamedWithoutItsPassword() throws Exception {
        Path kubeconfig = kubeconfig("server: 'https://a.test', certificate-authority: ca.crt", "token: t");
        Map<String, String> environment = Map.of("https_proxy", "https://me:sec-ret@p");

        assertThatThrownBy(() -> Kubeconfig.read(kubeconfig, environment).access(null))
                .isInstanceOf(FailedException.class)
                .hasMessageStartingWith("HTTPS_PROXY can't be used: neither http nor socks5; allowed is ")
                .message()
                .doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"as: me", "as-uid: '1'", "as-groups: [a]", "as-user-extra: {a: [b]}"})
    void impersonationIsNotSupported(String field) throws Exception {
        assertRejected(kubeconfig(OF_CA, "token: t, " + field))
                .hasMessageEndingWith("is not supported here: impersonation; allowed is a user without it");
    }

    @Test
    void aFileThatIsNestedTooDeeplyIsNoKubeconfig() throws Exception {
        assertRejected(file("config", "a: " + "[".repeat(20_000))).hasMessageContaining("is not a kubeconfig");
    }

    @Test
    void theFirstOfSeveralFilesDecides() throws Exception {
        // Given
        Path first = file("first", "current-context: here\nusers: [{name: me, user: {token: first}}]\n");
        Path second = Files.move(kubeconfig(OF_CA, "token: second"), directory.resolve("second"));
        Map<String, String> environment =
                Map.of("KUBECONFIG", ":" + directory.resolve("missing") + ":" + first + ":" + second);

        // When
        ClusterAccess access = Kubeconfig.read(null, environment).access(null);

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
        ClusterAccess access =
                Kubeconfig.read(null, Map.of("HOME", directory.toString())).access("here");

        // Then
        assertThat(access.address().hostAndPort()).isEqualTo("127.0.0.1:443");
    }

    @ParameterizedTest
    @ValueSource(strings = {"USERPROFILE", "HOME"})
    void ofTheHomeDirectoriesOfWindowsTheFirstWithAKubeconfigCounts(String variable) throws Exception {
        // Given
        Path directoryOfIt = Files.createDirectories(directory.resolve(".kube"));
        Files.move(kubeconfig("server: 'https://127.0.0.1'", "token: a"), directoryOfIt.resolve("config"));
        Map<String, String> environment = new HashMap<>(
                Map.of("HOME", "/none", "HOMEDRIVE", "/no", "HOMEPATH", "/one", "USERPROFILE", "/nobody"));
        environment.put(variable, directory.toString());

        // When
        ClusterAccess access = Kubeconfig.read(null, environment).access(null);

        // Then
        assertThat(access.bearer()).isEqualTo("a");
    }

    @Test
    void aVariableThatIsNoPathIsNamed() {
        assertThatThrownBy(() -> Kubeconfig.read(null, Map.of("KUBECONFIG", "a\0b")))
                .hasMessageEndingWith(", which is not a path; allowed is the path of a file");
    }

    @Test
    void aVariableThatNamesNoFileIsNotSaidToNameTheDefault() {
        assertThatThrownBy(() -> Kubeconfig.read(null, Map.of("HOME", "/nowhere", "KUBECONFIG", ":")))
                .hasMessageStartingWith("no kubeconfig: /nowhere/.kube/config, which does not exist;");
    }

    @Test
    void withoutAnyFileTheDefaultsAreNamed() {
        assertThatThrownBy(() -> Kubeconfig.read(null, Map.of("HOME", "/nowhere")))
                .hasMessage("no kubeconfig: /nowhere/.kube/config, which does not exist; allowed is --kubeconfig FILE,"
                        + " or files in KUBECONFIG");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: [\ntoken: sec-ret\n", "{\"token\": \"sec-ret\"", "%sec-ret"})
    void aFileThatIsNotYamlIsNotQuoted(String text) throws Exception {
        assertRejected(file("config", text)).hasMessageContaining("is neither YAML nor JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sec-ret", "[]", "kind: Pod", "token: sec-ret"})
    void anotherKindOfFileIsNoKubeconfig(String text) throws Exception {
        assertRejected(file("config", text)).hasMessageContaining("is not a kubeconfig; allowed is kind: Config");
    }

    @Test
    void aMissingFileIsNamed() {
        assertRejected(directory.resolve("config")).hasMessageEndingWith("config does not exist");
    }

    @Test
    void anEmptyFileHasNoCurrentContext() throws Exception {
        assertRejected(file("config", "")).hasMessageContaining("no current-context; the kubeconfig has no contexts");
    }

    @Test
    void aContextThatIsNotThereIsNotReplacedByTheCurrentOne() throws Exception {
        Path kubeconfig = kubeconfig(OF_CA, "token: a");

        assertThatThrownBy(() -> Kubeconfig.read(kubeconfig, Map.of()).access("other"))
                .hasMessage(kubeconfig + ": no context \"other\"; allowed is here");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "current-context: here | no context \"here\"; the kubeconfig has no contexts",
                "current-context: [] | current-context is not a string",
                "contexts: 1 | contexts is not a list",
                "contexts: [{}] | one of its contexts has no name",
                "{current-context: a, contexts: [{name: a}]} | has no cluster; the kubeconfig has no clusters",
                "{current-context: a, contexts: [{name: a, context: {cluster: c}}], clusters: [{name: d}]} "
                        + "| its cluster \"c\" does not exist; allowed is d",
                "{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c}]} "
                        + "| its user \"u\" does not exist; the kubeconfig has no users",
            })
    void aMissingPartIsNamed(String text, String message) throws Exception {
        assertRejected(file("config", text)).hasMessageContaining(message);
    }

    /** kubectl also refuses a context like this. The name would become part of a path. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Shop",
                "../shop",
                "shop.eu",
                "-shop",
                "shop?a",
                "a234567890123456789012345678901234567890123456789012345678901234"
            })
    void aContextsNamespaceIsTheNameOfANamespace(String namespace) throws Exception {
        Path kubeconfig = file(
                "config",
                "{current-context: a, contexts: [{name: a, context: {cluster: c, user: u, namespace: '" + namespace
                        + "'}}]}");

        assertRejected(kubeconfig)
                .hasMessage(
                        "context \"a\" in " + kubeconfig + ": its namespace " + namespace
                                + " is not the name of a namespace; allowed are lower-case letters, digits and hyphens, at most 63");
    }

    @Test
    void aContextsNamespaceMayHave63Characters() throws Exception {
        String namespace = "a-" + "1".repeat(61);
        Path kubeconfig = kubeconfig(OF_CA, "token: t");
        Files.writeString(
                kubeconfig,
                Files.readString(kubeconfig).replace("user: me}", "user: me, namespace: " + namespace + "}"));

        assertThat(access(kubeconfig).namespace()).isEqualTo(namespace);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | has no server; allowed is https://HOST",
                "server: 'http://127.0.0.1' | its server can't be used: not https: http://127.0.0.1; allowed is https://HOST",
                "server: 'https://h/k8s' | its server can't be used: has more than a host and a port",
                "server: 'https://h', certificate-authority: none.crt | none.crt, which does not exist",
                "server: 'https://h', certificate-authority-data: '?' | the certificate-authority of cluster",
                "server: 'https://h', certificate-authority-data: c2Vj | is not PEM",
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
                "token: 1 | token is not a string",
                "token: 'sec-ret with spaces' | its token has a character that no token can have",
                "tokenFile: none | tokenFile is the file ",
                "tokenFile: /dev/null | its tokenFile /dev/null is empty",
                "exec: {apiVersion: client.authentication.k8s.io/v1, command: a, "
                        + "env: [{name: A, value: \"sec-ret\\0\"}]} "
                        + "| one of its env entries has a character that no environment variable can have",
                "client-certificate: ca.crt | has only one of client-certificate and client-key",
                "client-certificate-data: c2Vj, client-key-data: c2Vj | its client-certificate is not a certificate",
                "client-certificate: ca.crt, client-key-data: c2Vj | its client-key is not the key of its",
                "as: admin, token: sec-ret | as is not supported here: impersonation",
                "username: admin, password: sec-ret | username is not supported here",
                "auth-provider: {name: gcp} | auth-provider is not supported here",
                "exec: {command: a} | has no apiVersion; allowed is client.authentication.k8s.io/v1",
                "exec: {apiVersion: client.authentication.k8s.io/v1} | has no command",
            })
    void aWrongUserIsNamed(String user, String message) throws Exception {
        assertRejected(kubeconfig(OF_CA, user))
                .hasMessageContaining("user \"me\" in ")
                .hasMessageContaining(message);
    }

    @Test
    void theKeyOfAnotherCertificateIsRejected() throws Exception {
        String user = "client-certificate-data: %s, client-key-data: %s"
                .formatted(
                        KubeconfigFile.base64(server.clientCertificate("a").certificate()),
                        KubeconfigFile.base64(server.clientCertificate("b").key()));

        assertRejected(kubeconfig(OF_CA, user)).hasMessageContaining("is not the key of its client-certificate");
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
                        KubeconfigFile.printing(directory, SECRET) + "; printf %s \"$KUBERNETES_EXEC_INFO $A $1\" >"
                                + directory.resolve("seen") + "; echo noise >&2")
                .replace("}", ", args: ['b c'], env: [{name: A, value: d}], provideClusterInfo: true}");

        // When
        ClusterAccess access = access(kubeconfig(OF_CA, user));

        // Then
        assertThat(access.bearer()).isEqualTo(SECRET);
        String seen = Files.readString(directory.resolve("seen"));
        assertThat(seen).endsWith("} d b c");
        JsonObject info = new JsonObject(seen.substring(0, seen.lastIndexOf('}') + 1));
        assertThat(info.getString("kind")).isEqualTo("ExecCredential");
        assertThat(info.getJsonObject("spec").getJsonObject("cluster"))
                .isEqualTo(new JsonObject()
                        .put("server", "https://127.0.0.1:6443")
                        .put("certificate-authority-data", KubeconfigFile.base64(server.caPem())));
    }

    @Test
    void thePluginsOwnConfigurationIsPassedAsJson() throws Exception {
        // Given
        String user = KubeconfigFile.exec(
                        directory,
                        KubeconfigFile.printing(directory, SECRET) + "; printf %s \"$KUBERNETES_EXEC_INFO\" >"
                                + directory.resolve("seen"))
                .replace("}", ", provideClusterInfo: true}");
        String extension = ", extensions: [{name: client.authentication.k8s.io/exec, extension: {a: [1, {2: true}]}}]";

        // When
        access(kubeconfig(OF_CA + extension, user));

        // Then
        assertThat(new JsonObject(Files.readString(directory.resolve("seen")))
                        .getJsonObject("spec")
                        .getJsonObject("cluster")
                        .getJsonObject("config")
                        .encode())
                .isEqualTo("{\"a\":[1,{\"2\":true}]}");
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
        String user = KubeconfigFile.exec(directory, "cat " + directory.resolve("credential.json"));

        // When
        ClusterAccess access = access(kubeconfig(OF_CA, user));

        // Then
        assertThat(access.clientKey())
                .isInstanceOfSatisfying(
                        X509KeyManager.class,
                        key -> assertThat(key.chooseClientAlias(new String[] {"EC"}, null, null))
                                .isNotNull());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo sec-ret; exit 3 | failed with exit code 3",
                "echo sec-ret | did not print an ExecCredential of client.authentication.k8s.io/v1",
                "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}' | did not print an ExecCredential",
                "yes sec-ret | printed more than 1 MiB",
                "printf '%s' '{\"apiVersion\":\"client.authentication.k8s.io/v1\","
                        + "\"status\":{\"token\":\"sec-ret\\n\"}}' "
                        + "| its token has a character that no token can have",
                "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\"}' | printed no credential; allowed is",
            })
    void aWrongPluginIsNamed(String script, String message) throws Exception {
        assertRejected(kubeconfig(OF_CA, KubeconfigFile.exec(directory, script)))
                .hasMessageContaining("exec of user \"me\" in ")
                .hasMessageContaining(message);
    }

    @Test
    void whatAPluginLeavesRunningIsNotWaitedFor() throws Exception {
        // Given
        String user = KubeconfigFile.exec(
                directory,
                "sleep 100 & echo $! >" + directory.resolve("left") + "; "
                        + KubeconfigFile.printing(directory, SECRET));
        Path kubeconfig = kubeconfig(OF_CA, user);

        // When
        String bearer;
        try {
            bearer = assertTimeoutPreemptively(
                    Duration.ofSeconds(20), () -> access(kubeconfig).bearer());
        } finally {
            ProcessHandle.of(Long.parseLong(
                            Files.readString(directory.resolve("left")).strip()))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }

        // Then
        assertThat(bearer).isEqualTo(SECRET);
    }

    @Test
    void anEnvironmentVariableWithoutAValueIsEmpty() throws Exception {
        // Given
        String user = KubeconfigFile.exec(
                        directory,
                        "printf %s \"[$A]\" >" + directory.resolve("seen") + "; "
                                + KubeconfigFile.printing(directory, SECRET))
                .replace("}", ", env: [{name: A}]}");

        // When
        access(kubeconfig(OF_CA, user));

        // Then
        assertThat(directory.resolve("seen")).hasContent("[]");
    }

    @Test
    void aMissingPluginIsNamed() throws Exception {
        String user = "exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin}";

        assertRejected(kubeconfig(OF_CA, user)).hasMessageContaining("its command no-such-plugin can't be started");
    }
}
