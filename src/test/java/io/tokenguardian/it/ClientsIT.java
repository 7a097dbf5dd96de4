package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.standin.Replica;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.ResourceType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real clients connect through the packaged program. After the token was accepted, the clock of one of the three
 * replicas fell five hours behind. Each test's first connection goes to that replica, so without the guardian the
 * client would get a 401.
 */
@InSequence // the tests share one program
@Tag("clients")
class ClientsIT {
    private static final int BEHIND = 1;

    @TempDir
    static Path directory;

    @AutoClose
    private static World world;

    @BeforeAll
    static void serve() throws Exception {
        world = World.of(3, directory);
        world.serve();
        ServeIT.awaitReady(world);
        world.apiServer.replica(BEHIND).stepClock(Duration.ofHours(-5));
    }

    @BeforeEach
    void leadTheNextConnectionToTheReplicaThatIsBehind() {
        await().until(ClientsIT::noConnectionIsLeft);
        world.apiServer.selection(ReplicaSelection.order(BEHIND, 0, 2));
        world.apiServer.clearRecords();
    }

    /** Closes all connections. The last test's search for an accepting replica may still open some. */
    private static boolean noConnectionIsLeft() {
        world.apiServer.replicas().forEach(Replica::closeConnections);
        return world.apiServer.replicas().stream().allMatch(replica -> replica.openConnections() == 0);
    }

    /** Without this 401, a passed test would prove nothing. A skipped test sent no request, and is not checked. */
    @RegisterExtension
    static final AfterTestExecutionCallback THAT_REPLICA_HAS_REFUSED_THE_TOKEN = test -> {
        if (test.getExecutionException().isEmpty()) {
            assertThat(world.apiServer.replica(BEHIND).requests())
                    .anySatisfy(request -> assertThat(request.status()).isEqualTo(401));
        }
    };

    private static String url() {
        return "http://127.0.0.1:" + world.proxyPort;
    }

    private static void create(String name) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.putObject("metadata").put("name", name);
        world.apiServer.objects().create(ResourceType.CONFIG_MAPS, "default", object);
    }

    private static Client kubectl() {
        Client kubectl = Client.kubectl(directory.resolve("kubectl"));
        return new Client(Stream.concat(kubectl.command().stream(), List.of("--server", url()).stream())
                .toList());
    }

    @Test
    void kubectlDeletesAndWaitsForTheEnd() throws Exception {
        // Given
        create("doomed");

        // When
        List<String> printed = kubectl().run("delete", "configmap", "doomed");

        // Then
        assertThat(printed).singleElement().asString().contains("\"doomed\" deleted");
        assertThat(world.hasConfigMap("doomed")).isFalse();
    }

    @Test
    void kubectlWatchesAndPrintsEachChange() throws Exception {
        // Given
        create("early");
        try (Program watching = kubectl().start("get", "configmaps", "--watch", "--output=name")) {
            await().until(() -> watching.out().contains("configmap/early"));

            // When
            create("late");

            // Then
            await().until(() -> watching.out().contains("configmap/late"));
        }
    }

    @Test
    void pythonsClientCreatesReadsDeletesAndWatches() throws Exception {
        // When
        List<String> lines = Client.python("configmap.py").run(url(), "python");

        // Then
        assertThat(lines)
                .containsExactly(
                        "listed ConfigMapList", "created value", "deleted 404", "watched ADDED", "watched DELETED");
    }

    @Test
    void javaScriptsClientCreatesReadsDeletesAndWatches() throws Exception {
        // When
        List<String> lines = Client.node("configmap.mjs").run(url(), "javascript");

        // Then
        assertThat(lines)
                .containsExactly(
                        "listed ConfigMapList", "created value", "deleted 404", "watched ADDED", "watched DELETED");
    }
}
