package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy as part of the packaged program. */
class ProxyIT {
    private static final String PODS = "/api/v1/namespaces/default/pods";
    private final HttpClient http = HttpClient.newHttpClient();
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(3, directory);
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void aRequestBeforeAcceptanceIsHeldAndAnsweredOnceTheSlowReplicaAccepts() throws Exception {
        world.mount(world.apiServer.issue());
        world.offset(1, Duration.ofSeconds(-66));
        try (Program serving = Program.start(world.environment())) {
            ServeIT.awaitAnswer(world);

            HttpResponse<String> answer = get(PODS);

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.headers().firstValue("token-guardian"))
                    .hasValueSatisfying(value -> assertThat(value).matches("held=\\d+\\.\\d{3};retries=0"));
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void anAnswerThatWasNeitherHeldNorRetriedGetsNothingAdded() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            HttpResponse<String> answer = get(PODS);

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("token-guardian")).isEmpty();
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void statusCountsWhatTheProxyDid() throws Exception {
        world.set("GUARDIAN_PROXY_REJECT_PATHS", "/secrets");
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            assertThat(get(PODS).statusCode()).isEqualTo(200);
            assertThat(get("/api/v1/secrets").statusCode()).isEqualTo(403);

            JsonObject proxy = new JsonObject(world.local("GET", "/status").body()).getJsonObject("proxy");
            assertThat(proxy.getInteger("requests")).isEqualTo(2);
            assertThat(proxy.getInteger("refusedByRule")).isEqualTo(1);
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void aRequestHeldAtSigtermIsToldSoAndTheProgramExitsWith0() throws Exception {
        world.offset(1, Duration.ofMinutes(-10));
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitAnswer(world);
            var answer = http.sendAsync(request(PODS), BodyHandlers.ofString());
            await().until(() -> new JsonObject(world.local("GET", "/status").body())
                            .getJsonObject("proxy")
                            .getInteger("holding")
                    == 1);

            serving.terminate();

            assertThat(answer.get().statusCode()).isEqualTo(503);
            assertThat(answer.get().headers().firstValue("Retry-After")).isPresent();
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    @Test
    void aPortInUseEndsTheStartWithOneLineThatNamesIt() throws Exception {
        try (Program first = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            world.set("QUARKUS_HTTP_PORT", "0").set("QUARKUS_MANAGEMENT_PORT", "0");

            Program.Ended second = Program.run(world.environment(), "serve");

            assertThat(second.exitCode()).isNotEqualTo(0);
            assertThat(second.err().lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("guardian.proxy.port", Integer.toString(world.proxyPort));
            assertThat(first.isAlive()).isTrue();
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(request(path), BodyHandlers.ofString());
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + world.proxyPort + path))
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(Duration.ofSeconds(30))
                .build();
    }
}
