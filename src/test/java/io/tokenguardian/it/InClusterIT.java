package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.HangDetector;
import io.tokenguardian.standin.ReplicaSelection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Unmodified clients in a pod. The in-cluster listener is their API server, and their token is a placeholder. All
 * connections to the API server go to one replica, whose clock is behind at the start of each test.
 */
@InSequence // the tests share one program
@Tag("clients")
@Tag("root")
class InClusterIT {
    private static final int JUDGE = 1;

    @TempDir
    static Path directory;

    @AutoClose
    private static World world;

    private static Path vetted;
    private static Program serving;

    @BeforeAll
    static void serve() throws Exception {
        world = World.of(3, directory);
        vetted = world.setInCluster(directory);
        world.set("GUARDIAN_PROXY_HOLD_TIMEOUT", "1h").breakReplica(JUDGE);
        world.apiServer.selection(ReplicaSelection.order(JUDGE));
        serving = world.serve();
        ServeIT.awaitAnswer(world);
        await().until(() -> world.healthBody("ready").contains("not-yet-valid"));
        await().until(() -> Files.exists(vetted.resolve("token")));
        world.healReplica(JUDGE);
        ServeIT.awaitReady(world);
    }

    private static Client inPod(Client client) throws Exception {
        return client.inPod(vetted, world.inClusterPort, directory);
    }

    private static ConfigMapCreator kubectl() throws Exception {
        return ConfigMapCreator.of(inPod(Client.kubectl(directory.resolve("kubectl"))), directory);
    }

    private static long requests() throws Exception {
        return world.status().getJsonObject("proxy").getLong("requests");
    }

    private static void isHeldUntilTheReplicaAcceptsTheToken(ConfigMapCreator client, String name) throws Exception {
        // Given
        world.apiServer.replica(JUDGE).stepClock(Duration.ofMinutes(-10));
        long before = requests();
        CompletableFuture<Void> created = CompletableFuture.runAsync(() -> {
            try {
                client.create(name);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        await().failFast("the client has ended", created::isDone).until(() -> requests() > before);
        assertThat(world.hasConfigMap(name)).isFalse();

        // When
        world.healReplica(JUDGE);

        // Then
        created.get(HangDetector.millis(), TimeUnit.MILLISECONDS);
        assertThat(world.hasConfigMap(name)).isTrue();
    }

    @Test
    void kubectlWaitsAndSeesNo401() throws Exception {
        isHeldUntilTheReplicaAcceptsTheToken(kubectl(), "kubectl");
    }

    @Test
    void pythonsClientWaitsAndSeesNo401() throws Exception {
        try (Program app = inPod(Client.python("pod.py")).start("python-in-cluster")) {
            isHeldUntilTheReplicaAcceptsTheToken(ConfigMapCreator.of(app), "python");
        }
    }

    /** The command of the chart's {@code helm test}. */
    @Test
    void checkThroughTheListenerIsAccepted() throws Exception {
        Program.Ended ended = Program.command(
                Map.of(
                        "GUARDIAN_API_SERVER_URL",
                        "https://127.0.0.1:" + world.inClusterPort,
                        "GUARDIAN_TOKEN_PATH",
                        vetted.resolve("token").toString()),
                "check");

        assertThat(ended.exitCode()).as(ended.out() + ended.err()).isZero();
    }

    @Test
    void theSameClientsWorkAfterARestartOfTheGuardian() throws Exception {
        try (Program python = inPod(Client.python("pod.py")).start("python-restart");
                Program node = inPod(Client.node("pod.mjs")).start("node-restart")) {
            // Given
            ConfigMapCreator.of(python).create("python-before");
            ConfigMapCreator.of(node).create("node-before");
            String ca = Files.readString(vetted.resolve("ca.crt"));

            // When
            serving.terminate();
            assertThat(serving.ended().exitCode()).isZero();
            serving = world.serve();
            ServeIT.awaitReady(world);

            // Then
            ConfigMapCreator.of(python).create("python-after");
            ConfigMapCreator.of(node).create("node-after");
            kubectl().create("kubectl-after");
            assertThat(vetted.resolve("ca.crt")).hasContent(ca);
        }
    }

    @Test
    void theAppsMountDoesNotContainTheToken() throws IOException {
        String token = Files.readString(world.volume.token());
        String signature = token.substring(token.lastIndexOf('.') + 1);
        String placeholder = token.substring(0, token.lastIndexOf('.')) + ".cGxhY2Vob2xkZXI";
        await().until(() -> Files.readString(vetted.resolve("token")).equals(placeholder));

        // If the guardian replaces the directory during the reads, files disappear before they are read.
        List<String> contents = await().ignoreExceptions().until(this::contentsOfVetted, read -> true);

        assertThat(contents).hasSizeGreaterThanOrEqualTo(3).noneMatch(content -> content.contains(signature));
    }

    private List<String> contentsOfVetted() throws IOException {
        List<String> contents = new ArrayList<>();
        try (Stream<Path> walked = Files.walk(vetted)) {
            for (Path file : walked.filter(Files::isRegularFile).toList()) {
                contents.add(Files.readString(file));
            }
        }
        return contents;
    }

    @Test
    void onlyTheGuardianCanReadTheKeyOfTheCa() throws IOException {
        Path kept = directory.resolve("in-cluster");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept.resolve("in-cluster-ca.pem"))))
                .isEqualTo("rw-------");
    }
}
