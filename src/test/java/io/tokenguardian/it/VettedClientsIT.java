package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.Fault.Moment;
import io.tokenguardian.standin.Replica;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.SeenRequest;
import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real clients, configured as in a pod, connect directly to the API server. The vetted directory is mounted in place of
 * the pod's service account. The last of three replicas is ten minutes ahead, so the others refuse its tokens for nine
 * minutes.
 */
@InSequence // the tests share one program
@Tag("clients")
@Tag("root")
class VettedClientsIT {
    private static final int BEHIND = 1;
    private static final int AHEAD = 2;
    private static final Duration LEEWAY = Duration.ofSeconds(60);
    private static final String PATH = "/api/v1/namespaces/default/configmaps";

    /** With this many requests, some replica gets none in about one run in 400,000. */
    private static final int MOST_REQUESTS = 35;

    @TempDir
    static Path directory;

    @AutoClose
    private static World world;

    private static Path vetted;

    @BeforeAll
    static void serve() throws Exception {
        vetted = directory.resolve("vetted");
        world = World.of(3, directory).set("GUARDIAN_VETTED_DIRECTORY", vetted.toString());
        world.offset(BEHIND, Duration.ofMinutes(-5));
        world.offset(AHEAD, Duration.ofMinutes(10));
        world.serve();
        ServeIT.awaitAnswer(world);
        await().until(() -> world.healthBody("ready").contains("not-yet-valid"));
        assertThat(vetted).doesNotExist();

        world.healReplica(BEHIND);
        await().pollInterval(Duration.ofMillis(5)).until(() -> Files.exists(vetted.resolve("token")));
        assertThat(acceptingReplicas(TestTokens.parse(Files.readString(vetted.resolve("token")))))
                .containsExactly(0, BEHIND, AHEAD);

        world.apiServer.selection(ReplicaSelection.atRandom());

        // Each request of a client needs a new connection, which goes to a random replica.
        for (Replica replica : world.apiServer.replicas()) {
            replica.fault(
                    Fault.close(Moment.AFTER_ANSWER),
                    Integer.MAX_VALUE,
                    head -> head.path().equals(PATH));
        }
    }

    @BeforeEach
    void forget() {
        world.apiServer.clearRecords();
    }

    private static List<Integer> acceptingReplicas(Token token) {
        Instant from = token.claims().validFrom().orElseThrow().minus(LEEWAY);
        return IntStream.range(0, 3)
                .filter(index ->
                        !world.apiServer.replica(index).clock().instant().isBefore(from))
                .boxed()
                .toList();
    }

    private static Client inPod(Client client) throws Exception {
        return client.inPod(vetted, world.apiServer.port(), directory);
    }

    private static Client kubectl() {
        return Client.kubectl(directory.resolve("kubectl"));
    }

    private static ConfigMapCreator eachTimeAnew(Client kubectl) {
        return ConfigMapCreator.of(kubectl, directory);
    }

    private static void createsOnEveryReplica(ConfigMapCreator client, String prefix) throws Exception {
        world.apiServer.clearRecords();
        for (int i = 0; i < MOST_REQUESTS && replicasAsked() < 3; i++) {
            client.create(prefix + "-" + i);
        }
        assertThat(replicasAsked()).isEqualTo(3);
        assertThat(clientsRequests())
                .allSatisfy(request -> assertThat(request.status()).isNotEqualTo(401));
    }

    private static long replicasAsked() {
        return clientsRequests().stream()
                .filter(request -> request.status() == 201)
                .map(request -> request.head().replica())
                .distinct()
                .count();
    }

    /** Returns all requests except the guardian's own probes. */
    private static List<SeenRequest> clientsRequests() {
        return world.apiServer.requests().stream()
                .filter(request -> !request.head().path().endsWith("/selfsubjectreviews"))
                .toList();
    }

    /**
     * Mounts a token for the guardian that only the replica whose clock is ahead accepts, and waits until another
     * replica refuses it.
     */
    private static Token rotate() throws IOException {
        Token newest = TestTokens.parse(world.apiServer.issue(AHEAD, TokenSpec.unextended()));
        world.apiServer.clearRecords();
        world.mount(newest.bearer());
        String issuedAt = String.valueOf(newest.claims().issuedAt());
        await().until(() -> {
            JsonObject candidate = new JsonObject(world.local("GET", "/status").body()).getJsonObject("candidate");
            return candidate != null && candidate.getString("issuedAt").equals(issuedAt);
        });
        await().until(() -> world.apiServer.requests().stream().anyMatch(request -> request.status() == 401));
        return newest;
    }

    private static void goesOnThroughARotation(ConfigMapCreator client, String prefix) throws Exception {
        // Given
        createsOnEveryReplica(client, prefix + "-before");

        // When
        Token newest = rotate();

        // Then
        createsOnEveryReplica(client, prefix + "-after");
        assertThat(acceptingReplicas(newest)).containsExactly(AHEAD);
    }

    @Test
    void kubectlWorksThroughARotation() throws Exception {
        goesOnThroughARotation(eachTimeAnew(inPod(kubectl())), "kubectl");
    }

    @Test
    void pythonsClientWorksThroughARotation() throws Exception {
        try (Program app = inPod(Client.python("pod.py")).start("python-in-pod")) {
            goesOnThroughARotation(ConfigMapCreator.of(app), "python");
        }
    }

    @Test
    void javaScriptsClientWorksThroughARotation() throws Exception {
        try (Program app = inPod(Client.node("pod.mjs")).start("node-in-pod")) {
            goesOnThroughARotation(ConfigMapCreator.of(app), "node");
        }
    }

    @Test
    void fabric8WorksThroughARotation() throws Exception {
        try (Program app = inPod(Client.java(InClusterClient.class)).start("fabric8-in-pod")) {
            goesOnThroughARotation(ConfigMapCreator.of(app), "fabric8");
        }
    }

    /** Without this result, the other tests would prove nothing. */
    @Test
    void withoutTheGuardianTheSameClientIsUnauthorized() throws Exception {
        // Given
        rotate();
        Client kubectl = kubectl()
                .inPod(world.volume.directory(), world.apiServer.replica(BEHIND).port(), directory);

        // When
        try (Program program = kubectl.start(
                "create", "--filename", ConfigMapCreator.manifest(directory, "unvetted"), "--validate=false")) {
            Program.Ended ended = program.ended();

            // Then
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.err()).contains("the server has asked for the client to provide credentials");
        }
    }
}
