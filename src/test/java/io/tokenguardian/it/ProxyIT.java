package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.HangDetector;
import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.ReplicaSelection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy as part of the packaged program. */
class ProxyIT {
    private static final String PODS = "/api/v1/namespaces/default/pods";

    private final HttpClient http = HttpClient.newHttpClient();

    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(3, directory);
    }

    @Test
    void aRequestHeldAtSigtermGets503AndTheProgramExitsWith0() throws Exception {
        world.breakReplica(1);
        world.apiServer.selection(ReplicaSelection.order(1));
        try (Program serving = Program.start(holdsLongerThanTheReplicaRefuses(), "serve")) {
            awaitRefusal();
            var answer = http.sendAsync(request(PODS), BodyHandlers.ofString());
            await().until(() -> holding() == 1);

            serving.terminate();

            assertThat(answer.get().statusCode()).isEqualTo(503);
            assertThat(answer.get().headers().firstValue("Retry-After")).isPresent();
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    @Test
    void aRequestInProgressAtSigtermCompletesBeforeExitWith0() throws Exception {
        CompletableFuture<Void> release = new CompletableFuture<>();
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            world.apiServer
                    .replicas()
                    .forEach(replica -> replica.fault(
                            new Fault.HeldAnswer(release),
                            Integer.MAX_VALUE,
                            head -> head.uri().equals(PODS)));
            var answer = http.sendAsync(request(PODS), BodyHandlers.ofString());
            await().until(
                            () -> world.apiServer.executed().stream(),
                            executed ->
                                    executed.anyMatch(each -> each.head().path().equals(PODS)));

            serving.terminate();
            await().until(() -> !listens(world.proxyPort));
            release.complete(null);

            assertThat(answer.get().statusCode()).isEqualTo(200);
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    /** Each replica refuses the token for half a minute, once the acceptance that it has cached for 10 s has ended. */
    @Test
    void readyFollowsRefusalsThatTheProxyGetsAndNoCallerGets401() throws Exception {
        world.set("GUARDIAN_READINESS_FOLLOWS", "token");
        List<CompletableFuture<HttpResponse<Void>>> answers = new ArrayList<>();
        try (Program serving = Program.start(world.environment())) {
            ServeIT.awaitReady(world);
            Instant issuedAt =
                    Instant.parse(world.status().getJsonObject("token").getString("issuedAt"));
            Duration offset = Duration.between(Instant.now().plusSeconds(40), issuedAt.minusSeconds(60));
            world.apiServer.replicas().forEach(replica -> replica.clock().offset(offset));

            await().until(() -> {
                answers.add(http.sendAsync(request(PODS), BodyHandlers.discarding()));
                return world.health("ready") == 503;
            });
            await().until(() -> world.health("ready") == 200);

            assertThat(answers).allMatch(answer -> answer.join().statusCode() == 200);
            assertThat(serving.err()).isEmpty();
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** With the default timeout, requests would be passed on once the guardian knows that the refusal lasts longer. */
    private Map<String, String> holdsLongerThanTheReplicaRefuses() {
        return world.set("GUARDIAN_PROXY_HOLD_TIMEOUT", "1h").environment();
    }

    private void awaitRefusal() throws Exception {
        ServeIT.awaitAnswer(world);
        await().until(() -> world.healthBody("ready").contains("not-yet-valid"));
    }

    private int holding() throws Exception {
        return world.status().getJsonObject("proxy").getInteger("holding");
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + world.proxyPort + path))
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(HangDetector.TIMEOUT)
                .build();
    }
}
