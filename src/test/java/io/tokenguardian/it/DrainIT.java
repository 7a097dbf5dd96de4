package io.tokenguardian.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.HangDetector;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls the {@code preStop} hook of the classic sidecar as kubelet does. */
class DrainIT {
    private static final Path MANIFEST = Path.of("k8s/sidecar/classic/pod.yaml");

    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(1, directory);
    }

    @Test
    void theHookReturnsWhenTheAppIsGoneAndTheProxyRunsUntilSigterm() throws Exception {
        try (Program serving = Program.start(world.environment())) {
            await().ignoreExceptions().until(() -> world.health("ready") == 200);
            CompletableFuture<HttpResponse<String>> hook;
            try (Socket app = connected()) {
                hook = hook(HttpClient.newHttpClient());

                assertThat(get(app, "keep-alive")).contains("200");
                assertThat(hook).isNotDone();
            }

            assertThat(hook.get(HangDetector.millis(), TimeUnit.MILLISECONDS).statusCode())
                    .isEqualTo(200);

            try (Socket late = connected()) {
                assertThat(get(late, "close")).contains("200");
            }
            serving.terminate();
            assertThat(serving.ended().exitCode()).isZero();
        }
    }

    @Test
    void aFinishedHookMakesRoomForTheNext() throws Exception {
        try (Program serving = Program.start(world.environment())) {
            await().ignoreExceptions().until(() -> world.health("ready") == 200);

            // Given that the maximum number of waiting hooks have returned
            List<CompletableFuture<HttpResponse<String>>> hooks = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                hooks.add(hook(HttpClient.newHttpClient()));
            }
            for (CompletableFuture<HttpResponse<String>> each : hooks) {
                assertThat(each.get(HangDetector.millis(), TimeUnit.MILLISECONDS)
                                .statusCode())
                        .isEqualTo(200);
            }

            // When
            HttpResponse<String> next =
                    hook(HttpClient.newHttpClient()).get(HangDetector.millis(), TimeUnit.MILLISECONDS);

            // Then
            assertThat(next.statusCode()).isEqualTo(200);
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void aHookBeyondTheLimitGets503() throws Exception {
        try (Program serving = Program.start(world.environment());
                Socket app = connected(serving)) {
            List<CompletableFuture<HttpResponse<String>>> hooks = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                hooks.add(hook(HttpClient.newHttpClient()));
            }
            await().until(() -> hooks.stream().anyMatch(CompletableFuture::isDone));

            assertThat(hooks)
                    .filteredOn(CompletableFuture::isDone)
                    .singleElement()
                    .satisfies(turnedAway ->
                            assertThat(turnedAway.join().statusCode()).isEqualTo(503));
            assertThat(app.isConnected()).isTrue();
        }
    }

    /** Waits until the program is ready, and connects a caller, which stays connected, to the proxy. */
    private Socket connected(Program serving) throws IOException {
        await().ignoreExceptions().until(() -> world.health("ready") == 200);
        assertThat(serving.isAlive()).isTrue();
        return connected();
    }

    /** The URI has a second slash, because kubelet up to 1.25 puts a slash before the path. */
    private CompletableFuture<HttpResponse<String>> hook(HttpClient kubelet) throws IOException {
        String path = Pattern.compile("preStop:\\s+httpGet:\\s+path: (\\S+)\\s+port: 9000")
                .matcher(Files.readString(MANIFEST))
                .results()
                .map((MatchResult match) -> match.group(1))
                .findFirst()
                .orElseThrow();
        URI uri = URI.create("http://127.0.0.1:" + world.managementPort + "/" + path);
        return kubelet.sendAsync(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private Socket connected() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), world.proxyPort);
    }

    /** Returns the first line of the response. */
    private static String get(Socket app, String connection) throws IOException {
        app.setSoTimeout(HangDetector.millis());
        app.getOutputStream()
                .write(("GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: " + connection + "\r\n\r\n")
                        .getBytes(US_ASCII));
        return new BufferedReader(new InputStreamReader(app.getInputStream(), US_ASCII)).readLine();
    }
}
