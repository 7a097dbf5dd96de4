package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a serving guardian shows and passes on. One program serves all tests, which only read. */
class ServingIT {

    @AutoClose
    private static World world;

    private static Program serving;

    @BeforeAll
    static void serve(@TempDir Path directory) throws IOException {
        world = World.of(3, directory);
        serving = world.serve();
        ServeIT.awaitReady(world);
    }

    @AfterAll
    static void stillServes() {
        assertThat(serving.isAlive()).isTrue();
    }

    @Test
    void statusShowsTokenAndReplicas() throws Exception {
        JsonObject status = world.status();

        assertThat(status.getString("verdict")).isEqualTo("accepted");
        assertThat(status.getJsonObject("token").getString("path"))
                .isEqualTo(world.volume.token().toString());
        assertThat(status.getJsonArray("apiServers")).hasSize(3);
    }

    @Test
    void metricsContainOnlyTheGuardiansOwn() throws Exception {
        List<String> lines = world.metrics().lines().toList();

        assertThat(lines).contains("token_guardian_verdict{verdict=\"accepted\"} 1.0");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("token_guardian_replica_clock_offset_seconds"))
                .hasSize(3);
        assertThat(lines).allMatch(line -> line.matches("(# (HELP|TYPE) )?token_guardian_.*"));
    }

    @ParameterizedTest
    @CsvSource({
        "'', text/plain; version=0.0.4; charset=utf-8, ''",
        "text/html, text/plain; version=0.0.4; charset=utf-8, ''",
        "application/openmetrics-text;version=1.0.0, application/openmetrics-text; version=1.0.0; charset=utf-8, # EOF",
    })
    void metricsHaveTheFormatThatTheScraperAccepts(String accept, String type, String end) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + world.managementPort + "/q/metrics"));
        if (!accept.isEmpty()) {
            request.header("Accept", accept);
        }

        HttpResponse<String> response =
                HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());

        assertThat(response.headers().firstValue("Content-Type")).hasValue(type);
        assertThat(response.body()).contains("\ntoken_guardian_usable 1.0\n").endsWith(end + "\n");
    }

    @Test
    void quitByGetIsNotAllowed() throws Exception {
        assertThat(world.local("GET", "/quit").statusCode()).isEqualTo(405);
    }
}
