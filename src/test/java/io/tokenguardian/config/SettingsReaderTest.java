package io.tokenguardian.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.ReadyFollows;
import io.tokenguardian.proxy.ProxySettings;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.testing.DefaultSettings;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.vetted.FileAccess;
import io.tokenguardian.vetted.VettedSettings;
import io.tokenguardian.vetted.VettedSettings.TokenContent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsReaderTest {
    private static final Map<String, String> POD =
            Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1", "KUBERNETES_SERVICE_PORT", "443");

    @Test
    void inAPodEverySettingHasItsDefault() {
        assertThat(read(POD, Map.of()))
                .isEqualTo(new Settings(
                        Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token"),
                        new Settings.ApiServerSettings(
                                new ApiServerAddress("10.96.0.1", 443, "10.96.0.1"),
                                Path.of("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"),
                                Duration.ofSeconds(60)),
                        3,
                        AcceptedBy.EVERY,
                        ReadyFollows.START,
                        Duration.ofMinutes(5),
                        new ProxySettings(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 8001),
                                null,
                                null,
                                Duration.ofMinutes(3),
                                3 << 20,
                                List.of("localhost", "127.0.0.1", "[::1]"),
                                AuthorizationPolicy.REPLACE,
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(40),
                                false),
                        new VettedSettings(null, null, TokenContent.ACCEPTED, new FileAccess(null)),
                        false,
                        false));
    }

    @Test
    void everySettingIsReadByItsName() {
        Settings settings = read(
                Map.of(),
                properties(
                        "guardian.token.path", "/tokens/main",
                        "guardian.api-server.url", "https://api.example:6443",
                        "guardian.api-server.server-name", "kubernetes.default.svc",
                        "guardian.api-server.ca", "/ca/bundle.pem",
                        "guardian.api-server.leeway", "90s",
                        "guardian.readiness.confirmations", "5",
                        "guardian.readiness.accepted-by", "any",
                        "guardian.readiness.follows", "token",
                        "guardian.wait.timeout", "1h",
                        "guardian.kubernetes.pod-condition", "true",
                        "guardian.quit.enabled", "true"));

        assertThat(settings)
                .isEqualTo(new Settings(
                        Path.of("/tokens/main"),
                        new Settings.ApiServerSettings(
                                new ApiServerAddress("api.example", 6443, "kubernetes.default.svc"),
                                Path.of("/ca/bundle.pem"),
                                Duration.ofSeconds(90)),
                        5,
                        AcceptedBy.ANY,
                        ReadyFollows.TOKEN,
                        Duration.ofHours(1),
                        settings.proxy(),
                        settings.vetted(),
                        true,
                        true));
    }

    private static Map<String, String> properties(String... namesAndValues) {
        Map<String, String> properties = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            properties.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return properties;
    }

    @Test
    void everySettingOfTheProxyIsReadByItsName() {
        Map<String, String> properties = properties(
                "guardian.proxy.host", "127.0.0.2",
                "guardian.proxy.port", "9001",
                "guardian.proxy.unix-socket", "/run/guardian.sock",
                "guardian.proxy.hold-timeout", "30s",
                "guardian.proxy.replay-limit", "1M",
                "guardian.proxy.accept-hosts", "api, my_app.example.,10.0.0.1,[fd00::1]",
                "guardian.proxy.authorization", "reject",
                "guardian.in-cluster.port", "6443",
                "guardian.in-cluster.directory", "/ca",
                "guardian.api-server.leeway", "90s");

        ProxySettings proxy = read(POD, properties).proxy();

        assertThat(proxy.listen()).isEqualTo(new InetSocketAddress("127.0.0.2", 9001));
        assertThat(proxy.unixSocket()).isEqualTo(Path.of("/run/guardian.sock"));
        assertThat(proxy.inCluster())
                .isEqualTo(new ProxySettings.InCluster(new InetSocketAddress("127.0.0.2", 6443), Path.of("/ca")));
        assertThat(proxy.holdTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(proxy.replayLimit()).isEqualTo(1 << 20);
        assertThat(proxy.acceptHosts()).containsExactly("api", "my_app.example.", "10.0.0.1", "[fd00::1]");
        assertThat(proxy.authorization()).isEqualTo(AuthorizationPolicy.REJECT);
        assertThat(proxy.leeway()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void everySettingOfTheVettedFilesIsReadByItsName() {
        VettedSettings vetted = read(
                        POD,
                        Map.of(
                                "guardian.vetted.directory", "/vetted",
                                "guardian.vetted.token", "usable",
                                "guardian.vetted.kubeconfig", "/kube/config",
                                "guardian.vetted.mode", "0604"))
                .vetted();

        assertThat(vetted.directory()).isEqualTo(Path.of("/vetted"));
        assertThat(vetted.content()).isEqualTo(TokenContent.USABLE);
        assertThat(vetted.kubeconfig()).isEqualTo(Path.of("/kube/config"));
        assertThat(vetted.access().mode()).isEqualTo(PosixFilePermissions.fromString("rw----r--"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"guardian.token.path", "guardian.wait.timeout"})
    void aTokenWhereItsPathBelongsIsRefusedWithoutTheToken(String name) {
        String token = TestTokens.issuedAt(Instant.EPOCH).text();

        for (String text :
                List.of(token, token.replace(".", "\n."), token.substring(0, 20) + "\n " + token.substring(20))) {
            assertThatThrownBy(() -> read(POD, Map.of(name, text)))
                    .isInstanceOf(SettingException.class)
                    .hasMessageStartingWith(name + ": \"***\" is wrong (it holds a token); allowed is a ")
                    .hasMessageNotContaining(token.substring(0, 20));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "guardian.token.path, ${guardian.token.path}",
        "guardian.token.path, /volume/${guardian.token.path:token}",
        "guardian.wait.timeout, ${GUARDIAN_WAIT_TIMEOUT}"
    })
    void anExpressionThatNeedsItselfIsAWrongValue(String name, String text) {
        assertThatThrownBy(() -> read(POD, Map.of(name, text)))
                .isInstanceOf(SettingException.class)
                .hasMessage(
                        name + ": \"" + text + "\" is wrong; allowed are expressions ${NAME} whose NAME has a value,"
                                + " and \\${ for a literal ${");
    }

    @Test
    void withoutTheProxyTheOtherSettingsHold() {
        Settings settings = read(
                POD,
                Map.of(
                        "guardian.proxy.enabled", "false",
                        "guardian.proxy.port", "9001",
                        "guardian.vetted.directory", "/vetted"));

        assertThat(settings.proxy().isOn()).isFalse();
        assertThat(settings.proxy().uri()).isNull();
        assertThat(settings.vetted().directory()).isEqualTo(Path.of("/vetted"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "proxy.unix-socket=/socket",
                "in-cluster.port=6443",
                "vetted.kubeconfig=/config",
                "vetted.token=placeholder",
                "kubernetes.pod-condition=true"
            })
    void whatIsOfNoUseWithoutTheProxyIsRefused(String setting) {
        assertRefused(
                "proxy.enabled=false " + setting,
                setting.replaceFirst("=(.*)", ": \"$1\" needs the proxy: set guardian.proxy.enabled=true"));
    }

    @Test
    void theInClusterListenerNeedsADirectory() {
        assertRefused(
                "in-cluster.port=6443",
                "in-cluster.port: \"6443\" is wrong without guardian.in-cluster.directory; allowed is both");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/vetted", "/vetted/ca", "/x/../vetted/"})
    void theAppGetsNoDirectoryWithTheKeyOfTheCa(String directory) {
        assertRefused(
                "vetted.directory=/vetted in-cluster.port=0 in-cluster.directory=" + directory,
                "in-cluster.directory: \"" + Path.of(directory) + "\" is wrong; allowed is any directory outside of"
                        + " guardian.vetted.directory, since it contains a key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"keep", "reject"})
    void aPlaceholderIsForAProxyThatReplacesIt(String authorization) {
        assertRefused(
                "vetted.token=placeholder proxy.authorization=" + authorization,
                "vetted.token: \"placeholder\" is wrong unless guardian.proxy.authorization is replace; allowed is"
                        + " accepted or usable, since no API server accepts a placeholder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy.unix-socket=/socket", "proxy.port=0"})
    void aKubeconfigNeedsAPortToLeadTo(String setting) {
        assertRefused(
                "vetted.kubeconfig=/config " + setting,
                "vetted.kubeconfig: \"/config\" needs a known proxy port: set guardian.proxy.port to a number from 1 to"
                        + " 65535");
    }

    /** @param settings names and values. They lack {@code guardian.}, and so does the message */
    private static void assertRefused(String settings, String message) {
        Map<String, String> properties = Stream.of(settings.split(" ", -1))
                .map(setting -> setting.split("=", 2))
                .collect(Collectors.toMap(setting -> "guardian." + setting[0], setting -> setting[1]));
        assertThatThrownBy(() -> read(POD, properties))
                .isInstanceOf(SettingException.class)
                .hasMessage("guardian." + message);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "::1, 0:0:0:0:0:0:0:1",
        "fd00::5, fd00:0::5",
        "::1, localhost",
        "::, 127.0.0.2",
        "0.0.0.0, 0:0:0:0:0:0:0:1"
    })
    void theInClusterListenerIsNotItsOwnApiServerInAnyNotation(String listen, String host) {
        assertThatThrownBy(() -> read(
                        Map.of(
                                "KUBERNETES_SERVICE_HOST", host,
                                "KUBERNETES_SERVICE_PORT", "6443",
                                "GUARDIAN_PROXY_HOST", listen,
                                "GUARDIAN_IN_CLUSTER_PORT", "6443",
                                "GUARDIAN_IN_CLUSTER_DIRECTORY", "/ca"),
                        Map.of()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("since it is guardian.in-cluster.port of this guardian");
    }

    @Test
    void aBareIpv6ServiceHostIsPutInBrackets() {
        Settings settings =
                read(Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "443"), Map.of());

        assertThat(settings.apiServer().address().hostAndPort()).isEqualTo("[fd00::1]:443");
    }

    @Test
    void anEmptyValueMeansTheDefault() {
        assertThat(read(POD, Map.of("guardian.readiness.confirmations", " ")).confirmations())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "guardian.readiness.confirmations | 0      | a whole number from 1 to 100",
                "guardian.readiness.confirmations | 101    | a whole number from 1 to 100",
                "guardian.readiness.confirmations | three  | a whole number from 1 to 100",
                "guardian.readiness.accepted-by   | all    | every or any",
                "guardian.readiness.accepted-by   | ANY    | every or any",
                "guardian.readiness.accepted-by   | nobody | every or any",
                "guardian.readiness.follows       | ready  | start or token",
                "guardian.api-server.leeway       | -1s    | a duration such as 500ms, 10s, 5m or 1h, from 0s to 1h",
                "guardian.wait.timeout            | 9223372036854775807h | a duration such as 500ms, 10s, 5m or 1h",
                "guardian.wait.timeout            | 99999999999999999999s | a duration such as 500ms, 10s, 5m or 1h",
                "guardian.token.path              | /x/${no.such.name} | expressions",
                "guardian.wait.timeout            | 25h    | a duration such as 500ms, 10s, 5m or 1h, from 0s to 24h",
                "guardian.proxy.host              | localhost! | an IP address",
                "guardian.proxy.port              | 65536  | a whole number from 0 to 65535",
                "guardian.proxy.port              | tcp://10.96.0.7:80 | a whole number from 0 to 65535",
                "guardian.proxy.hold-timeout      | ever   | a duration such as 500ms, 10s, 5m or 1h, from 0s to 24h",
                "guardian.proxy.replay-limit      | 3Q     | a number of bytes, such as 512K or 3M, and at most 8M",
                "guardian.proxy.replay-limit      | 8388609 | a number of bytes, such as 512K or 3M, and at most 8M",
                "guardian.proxy.accept-hosts      | ^localhost$ | names and IP addresses without a port",
                "guardian.proxy.accept-hosts      | a..b | names and IP addresses without a port",
                "guardian.proxy.accept-hosts      | api:8001 | names and IP addresses without a port",
                "guardian.proxy.accept-hosts      | ::1 | names and IP addresses without a port",
                "guardian.proxy.accept-hosts      | [::1]:8001 | names and IP addresses without a port",
                "guardian.proxy.accept-hosts      | [localhost] | names and IP addresses without a port",
                "guardian.proxy.authorization     | drop   | replace or keep or reject",
                "guardian.vetted.mode             | 0240   | an octal file mode such as 0640, from 0400 to 0777",
                "guardian.vetted.mode             | rw     | an octal file mode such as 0640, from 0400 to 0777",
                "guardian.api-server.url          | http://10.96.0.1 | https",
                "guardian.api-server.url          | https://h/k8s | https://HOST or https://HOST:PORT",
                "guardian.api-server.server-name  | a b    | a DNS name or an IP address",
            })
    void aWrongValueIsNamedWithItsSettingAndWhatIsAllowed(String name, String value, String allowed) {
        assertThatThrownBy(() -> read(POD, Map.of(name, value)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(value)
                .hasMessageContaining(allowed)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @CsvSource({
        "guardian.readiness.confirmations, 1",
        "guardian.readiness.confirmations, 100",
        "guardian.wait.timeout, 0s",
        "guardian.wait.timeout, 24h",
        "guardian.proxy.replay-limit, 8M",
    })
    void theBoundsThemselvesAreAllowed(String name, String value) {
        assertThat(read(POD, Map.of(name, value))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GUARDIAN_TOKN_PATH", "guardian_token_pth", "guardian.token.pth"})
    void aVariableThatIsNoSettingIsReported(String variable) {
        assertThat(warnings(with(POD, variable, "/not/to/be/logged")))
                .containsExactly("WARN " + variable + " is not a setting; the command settings lists them all");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GUARDIAN_TOKEN_PATH", "guardian_token_path", "guardian.token.path", "Guardian_Token.Path"})
    void aVariableIsReadInAnyCaseAndNotReported(String variable) {
        Map<String, String> environment = with(POD, variable, "/tokens/main");

        assertThat(read(environment, Map.of()).tokenFile()).isEqualTo(Path.of("/tokens/main"));
        assertThat(warnings(environment)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GUARDIANTOKEN_PATH", "MY_GUARDIAN_TOKEN_PTH", "_DEV_GUARDIAN_TOKEN_PTH", "GUARDIAN"})
    void aVariableOfSomebodyElseIsNotReported(String variable) {
        assertThat(warnings(with(POD, variable, "/x"))).isEmpty();
    }

    private static List<String> warnings(Map<String, String> environment) {
        try (LogRecords records = LogRecords.of(UnknownSettings.class.getName())) {
            assertThat(read(environment, Map.of())).isNotNull();
            return records.lines();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GUARDIAN",
                "GUARDIAN_PROXY",
                "GUARDIAN_TOKEN",
                "GUARDIAN_VETTED",
                "GUARDIAN_API_SERVER",
                "GUARDIAN_TOKEN_PATH",
            })
    void whatKubernetesSetsForAServiceIsLeftAlone(String service) {
        Map<String, String> environment = new HashMap<>(POD);
        environment.put(service + "_SERVICE_HOST", "10.96.0.7");
        environment.put(service + "_SERVICE_PORT", "80");
        environment.put(service + "_SERVICE_PORT_PATH", "80");
        environment.put(service + "_SERVICE_PORT_X_VETTED", "80");
        environment.put(service + "_PORT", "tcp://10.96.0.7:80");
        environment.put(service + "_PORT_80_TCP", "tcp://10.96.0.7:80");
        environment.put(service + "_PORT_80_TCP_PROTO", "tcp");
        environment.put(service + "_PORT_80_TCP_PORT", "80");
        environment.put(service + "_PORT_80_TCP_ADDR", "10.96.0.7");

        assertThat(warnings(environment)).isEmpty();
        assertThat(read(environment, Map.of()).proxy().listen())
                .isEqualTo(DefaultSettings.proxy().listen());
    }

    @Test
    void aServicesPortAsksForNoTcpListenerBesideTheUnixSocket() {
        ProxySettings proxy = read(
                        with(POD, "GUARDIAN_PROXY_PORT", "tcp://10.96.0.7:80"),
                        Map.of("guardian.proxy.unix-socket", "/run/guardian.sock"))
                .proxy();

        assertThat(proxy.listen()).isNull();
    }

    @Test
    void disabledLetsNothingWaitAndNo401BeRetried() {
        Settings settings = read(with(POD, "GUARDIAN_DISABLED", "true"), Map.of());

        assertThat(settings.areOff()).isTrue();
        assertThat(settings.acceptedBy()).isEqualTo(AcceptedBy.NOBODY);
        assertThat(settings.readyFollows()).isEqualTo(ReadyFollows.START);
        assertThat(settings.proxy().passThrough()).isTrue();
        assertThat(settings.proxy().holdTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.proxy().acceptHosts())
                .isEqualTo(read(POD, Map.of()).proxy().acceptHosts());
    }

    @Test
    void whetherItIsDisabledIsReadAlthoughAnotherSettingIsWrong() {
        assertThat(Settings.areOff(
                        config(Map.of("GUARDIAN_DISABLED", "true", "GUARDIAN_WAIT_TIMEOUT", "a while"), Map.of())))
                .isTrue();
    }

    private static Map<String, String> with(Map<String, String> environment, String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return more;
    }

    private static Settings read(Map<String, String> environment, Map<String, String> properties) {
        return SettingsReader.read(config(environment, properties));
    }

    private static Config config(Map<String, String> environment, Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new EnvConfigSource(environment, 300), new PropertiesConfigSource(properties, "test", 400))
                .build();
    }

    /** Quarkus's Kubernetes client extension would read this file from the caller's working directory. */
    @Test
    void noReaderOfAnApplicationYamlIsThere() {
        assertThat(getClass().getClassLoader().getResource("io/smallrye/config/source/yaml/YamlConfigSource.class"))
                .isNull();
    }
}
