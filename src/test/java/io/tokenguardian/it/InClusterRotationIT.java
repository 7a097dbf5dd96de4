package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.ExecutedRequest;
import io.tokenguardian.standin.Replica;
import io.tokenguardian.standin.ResourceType;
import io.tokenguardian.standin.TokenSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Unmodified clients in a pod with the transparent component. A ten-minute token is rotated while the clock of one of
 * three replicas is two minutes ahead. That replica issues the new token. For a minute only that replica accepts the
 * new token, and it treats the old token, which the others accept, as expired. Prints how long each client's first
 * request takes.
 */
@Tag("clients")
@Tag("root")
class InClusterRotationIT {
    private static final int AHEAD = 1;
    private static final Duration LIFETIME = Duration.ofMinutes(10);

    private static final int REQUESTS = 4;

    @TempDir
    Path directory;

    @Test
    void noClientIsAffectedByTheRotation() throws Exception {
        try (World world = World.of(3, directory)) {
            Path vetted = world.setInCluster(directory);
            world.set("GUARDIAN_READINESS_ACCEPTED_BY", "any");
            world.offset(AHEAD, Duration.ofMinutes(2));
            world.mount(world.apiServer.issue(
                    0,
                    TokenSpec.unextended()
                            .lifetime(LIFETIME)
                            .issuedAt(Instant.now().minus(LIFETIME).plusSeconds(50))));
            try (Program serving = Program.start(world.environment(), "serve")) {
                ServeIT.awaitAnswer(world);
                await().until(() -> world.health("started") == 200);
                try (Program python =
                                inPod(world, vetted, Client.python("pod.py")).start("python-rotation");
                        Program node =
                                inPod(world, vetted, Client.node("pod.mjs")).start("node-rotation");
                        Program fabric8 = inPod(world, vetted, Client.java(InClusterClient.class))
                                .start("fabric8-rotation")) {
                    Map<String, ConfigMapCreator> clients = new LinkedHashMap<>();
                    clients.put("python", ConfigMapCreator.of(python));
                    clients.put("node", ConfigMapCreator.of(node));
                    clients.put("fabric8", ConfigMapCreator.of(fabric8));
                    clients.put(
                            "kubectl",
                            ConfigMapCreator.of(
                                    inPod(world, vetted, Client.kubectl(directory.resolve("kubectl"))), directory));

                    createAll(world, clients, "old-token");
                    world.mount(
                            world.apiServer.issue(AHEAD, TokenSpec.unextended().lifetime(LIFETIME)));
                    createAll(world, clients, "both-tokens");
                    // All clocks move past the old token's end plus leeway, however little time has passed.
                    for (Replica replica : world.apiServer.replicas()) {
                        replica.stepClock(replica.clock().offset().plus(Duration.ofMinutes(2)));
                    }
                    createAll(world, clients, "new-token");
                }
                assertThat(serving.err()).isEmpty();
            }
            assertThat(world.apiServer.executed().stream()
                            .filter(request -> request.head().uri().contains("/configmaps"))
                            .map(ExecutedRequest::tokenId)
                            .distinct())
                    .as("tokens that the clients' requests have been executed with")
                    .hasSize(2);
        }
    }

    private Client inPod(World world, Path vetted, Client client) throws Exception {
        return client.inPod(vetted, world.inClusterPort, directory);
    }

    /** A client whose request gets 401 exits, or prints the error. */
    private static void createAll(World world, Map<String, ConfigMapCreator> clients, String phase) throws Exception {
        for (Map.Entry<String, ConfigMapCreator> client : clients.entrySet()) {
            for (int i = 0; i < REQUESTS; i++) {
                String name = phase + "-" + client.getKey() + "-" + i;
                long begin = System.nanoTime();
                client.getValue().create(name);
                if (i == 0) {
                    System.out.printf("%s: first request after %d ms%n", name, (System.nanoTime() - begin) / 1_000_000);
                }
                assertThat(world.apiServer.objects().get(ResourceType.CONFIG_MAPS, "default", name))
                        .isNotNull();
            }
        }
    }
}
