package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.tokenguardian.standin.Replica;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.ResourceType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
 * replicas fell five minutes behind. Each test's first connection goes to that replica, so without the guardian the
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
        world.apiServer.replica(BEHIND).stepClock(Duration.ofMinutes(-5));
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

    private static boolean exists(String name) {
        return world.apiServer.objects().get(ResourceType.CONFIG_MAPS, "default", name) != null;
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
    void kubectlGetsAnExistingObject() throws Exception {
        // Given
        create("shown");

        // When
        List<String> printed = kubectl().run("get", "configmaps", "shown", "--output=name");

        // Then
        assertThat(printed).containsExactly("configmap/shown");
    }

    @Test
    void kubectlCreatesFromAFile() throws Exception {
        // Given
        Path manifest = Files.writeString(directory.resolve("manifest.yaml"), """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: filed
                data:
                  key: value
                """);

        // When
        // The stand-in has no OpenAPI document for kubectl to validate against.
        List<String> printed = kubectl().run("create", "--validate=false", "--filename", manifest.toString());

        // Then
        assertThat(printed).containsExactly("configmap/filed created");
        assertThat(exists("filed")).isTrue();
    }

    @Test
    void kubectlDeletesAndWaitsForTheEnd() throws Exception {
        // Given
        create("doomed");

        // When
        List<String> printed = kubectl().run("delete", "configmap", "doomed");

        // Then
        assertThat(printed).singleElement().asString().contains("\"doomed\" deleted");
        assertThat(exists("doomed")).isFalse();
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

    @Test
    void fabric8CreatesReadsDeletesAndWatches() throws Exception {
        // Given
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(url())
                .withOnlyHttpWatches(
                        true) // else it tries a WebSocket first, which the stand-in does not serve for watches
                .build();
        BlockingQueue<Watcher.Action> seen = new LinkedBlockingQueue<>();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            var maps = client.configMaps().inNamespace("default");
            assertThat(maps.list().getKind()).isEqualTo("ConfigMapList");

            // When
            Watch watch = maps.withName("fabric8").watch(into(seen));
            await().until(ClientsIT::aWatchHasBegun); // an HTTP watch begins in the background
            ConfigMap map = new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("fabric8")
                    .endMetadata()
                    .addToData("key", "value")
                    .build();
            maps.resource(map).create();
            String value = maps.withName("fabric8").get().getData().get("key");
            maps.withName("fabric8").delete();

            // Then
            assertThat(value).isEqualTo("value");
            assertThat(seen.take()).isEqualTo(Watcher.Action.ADDED);
            assertThat(seen.take()).isEqualTo(Watcher.Action.DELETED);
            assertThat(maps.withName("fabric8").get()).isNull();
            watch.close();
        }
    }

    private static boolean aWatchHasBegun() {
        return world.apiServer.requests().stream()
                .anyMatch(request ->
                        request.status() == 200 && request.head().uri().contains("watch=true"));
    }

    private static Watcher<ConfigMap> into(BlockingQueue<Watcher.Action> seen) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, ConfigMap resource) {
                seen.add(action);
            }

            @Override
            public void onClose(@Nullable WatcherException cause) {}
        };
    }
}
