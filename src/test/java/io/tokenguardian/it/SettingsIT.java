package io.tokenguardian.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.Readme;
import io.tokenguardian.standin.TokenSpec;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged program reads each setting. */
class SettingsIT {
    @AutoClose
    private World world;

    private Path socket;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(3, directory);
        socket = directory.resolve("proxy.sock");
    }

    /** Returns all settings, with values other than the defaults unless the test needs the default. */
    private Map<String, String> all() throws IOException {
        Path ca = Files.writeString(socket.resolveSibling("other-ca.crt"), world.apiServer.caPem());
        Map<String, String> all = new LinkedHashMap<>();
        all.put("guardian.disabled", "false"); // OffSwitchIT tests true
        all.put("guardian.token.path", world.volume.token().toString());
        all.put("guardian.api-server.url", "https://localhost:" + world.apiServer.port());
        all.put("guardian.api-server.ca", ca.toString());
        all.put("guardian.api-server.server-name", "kubernetes.default.svc");
        all.put("guardian.api-server.leeway", "30s");
        all.put("guardian.readiness.confirmations", "5");
        all.put("guardian.readiness.accepted-by", "every");
        all.put("guardian.readiness.follows", "token");
        all.put("guardian.wait.timeout", "7s");
        all.put("guardian.proxy.enabled", "true"); // ObserverIT tests false
        all.put("guardian.proxy.host", "127.0.0.1");
        all.put("guardian.proxy.port", Integer.toString(world.proxyPort));
        all.put("guardian.proxy.unix-socket", socket.toString());
        all.put("guardian.proxy.hold-timeout", "20s");
        all.put("guardian.proxy.replay-limit", "1M");
        all.put("guardian.proxy.accept-hosts", "guardian");
        all.put("guardian.proxy.authorization", "reject");
        all.put("guardian.kubernetes.pod-condition", "true");
        Path vetted = Files.createDirectory(socket.resolveSibling("vetted"));
        all.put("guardian.in-cluster.port", "0");
        all.put(
                "guardian.in-cluster.directory",
                socket.resolveSibling("in-cluster").toString());
        all.put("guardian.vetted.directory", vetted.toString());
        all.put("guardian.vetted.token", "usable");
        all.put("guardian.vetted.kubeconfig", vetted.resolve("kubeconfig").toString());
        all.put("guardian.vetted.mode", "0440");
        all.put("guardian.quit.enabled", "true");
        return all;
    }

    @Test
    void serveAppliesEachSettingFromTheEnvironment() throws Exception {
        // The token is so old that only the number of confirmations decides.
        world.mount(world.apiServer.issue(
                TokenSpec.unextended().issuedAt(Instant.now().minus(Duration.ofMinutes(20)))));
        all().forEach((name, value) -> world.set(variable(name), value));
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            await().until(() -> world.health("started") == 200);

            assertThat(answer("GET /api/v1/pods", "Host: guardian")).startsWith("HTTP/1.1 200 ");
            assertThat(answer("GET /api/v1/pods", "Host: localhost")).startsWith("HTTP/1.1 403 ");
            assertThat(answer("GET /api/v1/pods", "Host: guardian\r\nAuthorization: Bearer mine"))
                    .startsWith("HTTP/1.1 403 ");
            assertThat(world.apiServer.requests())
                    .filteredOn(seen -> seen.head().path().endsWith("/selfsubjectreviews"))
                    .hasSize(5);
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(socket.resolveSibling("vetted/token"))))
                    .isEqualTo("r--r-----");
            JsonObject proxy = world.status().getJsonObject("proxy");
            assertThat(proxy.getInteger("requests")).isEqualTo(3);
            assertThat(proxy.getInteger("refusedByRule")).isEqualTo(2);
            assertThat(socket.resolveSibling("in-cluster/in-cluster-ca.pem")).exists();
            assertThat(world.local("POST", "/quit").statusCode()).isEqualTo(200);
            assertThat(serving.ended().exitCode()).isZero();
        }
    }

    @Test
    void theTestCoversEachDocumentedSetting() throws IOException {
        assertThat(all().keySet().stream().map(name -> name.replace(".my-vault.", ".NAME.")))
                .containsExactlyInAnyOrderElementsOf(Readme.settings());
    }

    @Test
    void anUnknownVariableIsReportedAndTheProgramContinues() throws Exception {
        world.set("GUARDIAN_TOKN_PATH", "/token");

        Program.Ended ended = Program.run(world.environment(), "check");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        assertThat(ended.err().lines())
                .singleElement()
                .asString()
                .endsWith("WARN  GUARDIAN_TOKN_PATH is not a setting; the command settings lists them all");
    }

    @Test
    void eachSettingIsListedWithItsValueAndSource() throws Exception {
        world.set("GUARDIAN_WAIT_TIMEOUT", "7s");

        Program.Ended ended = Program.run(world.environment(), "-Dguardian.readiness.confirmations=9", "settings");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        assertThat(ended.out().lines().map(line -> line.replaceAll("  +", "|")))
                .startsWith("SETTING|VALUE|FROM|DEFAULT")
                .contains(
                        "guardian.wait.timeout|7s|environment variable GUARDIAN_WAIT_TIMEOUT|5m",
                        "guardian.readiness.confirmations|9|system property|3",
                        "guardian.proxy.hold-timeout|3m|default",
                        "quarkus.http.host|127.0.0.1|default",
                        "quarkus.log.console.json.enabled|false|default");
        assertThat(ended.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "QUARKUS_HTTP_PORT, abc, quarkus.http.port: \"abc\" is wrong; allowed is a whole number from 0 to 65535",
        "QUARKUS_HTTP_PORT, ${quarkus.http.port}, quarkus.http.port: \"${quarkus.http.port}\" is wrong; allowed are",
        "QUARKUS_HTTP_HOST, no.such.host.invalid, quarkus.http.host: \"no.such.host.invalid\" is wrong",
        "QUARKUS_MANAGEMENT_HOST, no.such.host.invalid, quarkus.management.host: \"no.such.host.invalid\" is wrong",
        "QUARKUS_LOG_LEVEL, DEBG, quarkus.log.level: \"DEBG\" is wrong",
        "QUARKUS_THREAD_POOL_MAX_THREADS, many, quarkus.thread-pool.max-threads",
        "GUARDIAN_TOKEN_PATH, ${guardian.token.path}, guardian.token.path: \"${guardian.token.path}\" is wrong; allowed"
    })
    void otherInvalidValuesAreNamedInASingleLine(String variable, String value, String said) throws Exception {
        world.set(variable, value);

        Program.Ended ended = Program.run(world.environment(), "serve");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(2);
        assertThat((ended.out() + ended.err()).lines())
                .singleElement()
                .asString()
                .startsWith("token-guardian: ")
                .contains(said);
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** Sends a request over the Unix socket, and returns the response. */
    private String answer(String line, String headers) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            String request = line + " HTTP/1.1\r\n" + headers + "\r\nConnection: close\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
            return new String(Channels.newInputStream(channel).readAllBytes(), ISO_8859_1);
        }
    }
}
