package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.StandInApiServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code serve} shows to kubelet and people while it runs, and how it ends. */
class ServeIT {
    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(3, directory);
    }

    @Test
    void startedAndReadyTurnUpOnlyAfterTheSlowReplicaAccepts() throws Exception {
        world.breakReplica(1);
        try (Program serving = Program.start(world.environment())) {
            awaitAnswer(world);
            await().until(() -> serving.out().contains("usable=true"));
            assertThat(world.status().getBoolean("usable")).isTrue();
            assertThat(world.health("started")).isEqualTo(503);
            assertThat(world.health("ready")).isEqualTo(503);
            assertThat(world.health("live")).isEqualTo(200);

            world.healReplica(1);
            awaitReady(world);

            assertThat(world.apiServer.replica(1).clock().instant())
                    .isAfterOrEqualTo(Instant.parse(issuedAt()).minusSeconds(60));
            assertThat(world.health("started")).isEqualTo(200);
            await().untilAsserted(
                            () -> assertThat(serving.out()).contains("verdict=not-yet-valid", "verdict=accepted"));
        }
    }

    @Test
    void aRotatedCaTakesEffectWithoutARestart() throws Exception {
        try (StandInApiServer elsewhere = StandInApiServer.builder().start()) {
            String token = world.apiServer.issue();
            world.volume.rotate(token, elsewhere.caPem());
            try (Program serving = Program.start(world.environment(), "serve")) {
                awaitAnswer(world);
                await().until(() -> verdict().equals("unreachable"));

                world.volume.rotate(token, world.apiServer.caPem());

                awaitReady(world);
                assertThat(verdict()).isEqualTo("accepted");
                assertThat(serving.isAlive()).isTrue();
            }
        }
    }

    private String verdict() throws Exception {
        return world.status().getString("verdict");
    }

    private String issuedAt() throws Exception {
        return world.status().getJsonObject("token").getString("issuedAt");
    }

    /** On SIGQUIT a JVM prints its threads. */
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalEndsServeWith0AndSigquitDoesNotEndIt(String signal) throws Exception {
        Sigint.assumeNotIgnored();
        try (Program serving = Program.start(world.environment(), "serve")) {
            awaitReady(world);

            serving.signal("QUIT");
            serving.signal(signal);

            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    @Test
    void sigtermDuringAnUnansweredProbeEndsServeWith0Silently() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            world.set("KUBERNETES_SERVICE_PORT", Integer.toString(silent.getLocalPort()));
            try (Program serving = Program.start(world.environment(), "serve");
                    Socket asking = silent.accept()) {
                awaitAnswer(world);

                serving.terminate();

                Program.Ended ended = serving.ended();
                assertThat(ended.exitCode()).isZero();
                assertThat(ended.err()).isEmpty();
                assertThat(ended.out().lines())
                        .satisfiesExactly(
                                line -> assertThat(line)
                                        .endsWith("The proxy listens on http://127.0.0.1:" + world.proxyPort),
                                line -> assertThat(line)
                                        .contains(" saved=0 In ", "requests: 0; would have got 401: 0 ("));
                assertThat(asking.isConnected()).isTrue();
            }
        }
    }

    /** {@code TroubleshootingIT} tests the other ports. */
    @Test
    void aPortInUseEndsServeAndIsNamedWithItsSetting() throws Exception {
        try (ServerSocket taken = new ServerSocket(world.localPort, 1, InetAddress.getLoopbackAddress())) {
            Program.Ended ended = Program.run(world.environment(), "serve");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(1);
            assertThat(ended.err().lines())
                    .singleElement()
                    .asString()
                    .contains("quarkus.http.port", "can't listen on 127.0.0.1:" + taken.getLocalPort());
            assertThat(ended.out()).isEmpty();
        }
    }

    @Test
    void theJsonLogHasAnObjectPerLineAndWarnsOfAnOpenProxy() throws Exception {
        world.set("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true").set("GUARDIAN_PROXY_HOST", "0.0.0.0");
        try (Program serving = Program.start(world.environment(), "serve")) {
            awaitReady(world);
            await().until(() -> serving.out().endsWith("\n"));

            assertThat(serving.out().lines().map(JsonObject::new))
                    .anyMatch(line -> line.getString("level").equals("WARN"))
                    .allSatisfy(line -> assertThat(line.getString("message"))
                            .matches("verdict=.*|The proxy listens on .*|guardian.proxy.host is 0.0.0.0: .*"));
        }
    }

    static void awaitReady(World world) {
        await().pollInterval(Duration.ofMillis(20))
                .ignoreException(ConnectException.class)
                .until(() -> world.health("ready") == 200);
    }

    static void awaitAnswer(World world) {
        await().pollInterval(Duration.ofMillis(20))
                .ignoreException(ConnectException.class)
                .until(() -> world.health("live") == 200);
    }

    @Test
    void liveNamesEveryEnabledThread(@TempDir Path directory) throws Exception {
        world.set("GUARDIAN_VETTED_DIRECTORY", directory.resolve("vetted").toString())
                .set("GUARDIAN_KUBERNETES_POD_CONDITION", "true");
        try (Program serving = Program.start(world.environment(), "serve")) {
            awaitReady(world);

            await().untilAsserted(() -> assertThat(liveThreads(world))
                    .containsOnlyKeys("guardian", "token-watch", "vetted", "proxy-1", "proxy-2", "pod-report")
                    .values()
                    .containsOnly("up"));
            assertThat(serving.isAlive()).isTrue();
        }
    }

    static Map<String, Object> liveThreads(World world) throws Exception {
        return new JsonObject(world.healthBody("live"))
                .getJsonArray("checks")
                .getJsonObject(0)
                .getJsonObject("data")
                .getMap();
    }

    @Test
    void aPortInUseDoesNotHideAWrongSetting() throws Exception {
        world.set("GUARDIAN_API_SERVER_LEEWAY", "a while");
        try (ServerSocket taken = new ServerSocket(world.localPort, 1, InetAddress.getLoopbackAddress())) {
            Program.Ended ended = Program.run(world.environment(), "serve");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(2);
            assertThat(ended.err().lines()).singleElement().asString().contains("guardian.api-server.leeway");
            assertThat(taken.isBound()).isTrue();
        }
    }
}
