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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls the {@code preStop} hook of the classic sidecar as kubelet does. */
@InSequence // the tests share one program
class DrainIT {
    private static final Path MANIFEST = Path.of("k8s/sidecar/classic/pod.yaml");

    @AutoClose
    private static World world;

    @BeforeAll
    static void serve(@TempDir Path directory) throws IOException {
        world = World.of(1, directory);
        world.serve();
        ServeIT.awaitReady(world);
    }

    @Test
    void theHookReturnsWhenTheAppIsGoneAndTheProxyRunsOn() throws Exception {
        CompletableFuture<HttpResponse<String>> hook;
        try (Socket app = connected()) {
            hook = hook();

            assertThat(get(app, "keep-alive")).contains("200");
            assertThat(hook).isNotDone();
        }

        assertThat(status(hook)).isEqualTo(200);
        try (Socket late = connected()) {
            assertThat(get(late, "close")).contains("200");
        }
    }

    @Test
    void aFinishedHookMakesRoomForTheNext() throws Exception {
        // Given that the maximum number of waiting hooks have returned
        for (CompletableFuture<HttpResponse<String>> each : hooks(4)) {
            assertThat(status(each)).isEqualTo(200);
        }

        // When, Then
        assertThat(status(hook())).isEqualTo(200);
    }

    @Test
    void aHookBeyondTheLimitGets503() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> hooks;
        try (Socket app = connected()) {
            hooks = hooks(5);
            await().until(() -> hooks.stream().anyMatch(CompletableFuture::isDone));

            assertThat(hooks)
                    .filteredOn(CompletableFuture::isDone)
                    .singleElement()
                    .satisfies(turnedAway ->
                            assertThat(turnedAway.join().statusCode()).isEqualTo(503));
            assertThat(app.isConnected()).isTrue();
        }
        await().until(() -> hooks.stream().allMatch(CompletableFuture::isDone));
    }

    private static List<CompletableFuture<HttpResponse<String>>> hooks(int count) throws IOException {
        List<CompletableFuture<HttpResponse<String>>> hooks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            hooks.add(hook());
        }
        return hooks;
    }

    private static int status(CompletableFuture<HttpResponse<String>> hook) throws Exception {
        return hook.get(HangDetector.millis(), TimeUnit.MILLISECONDS).statusCode();
    }

    /** The URI has a second slash, because kubelet up to 1.25 puts a slash before the path. */
    private static CompletableFuture<HttpResponse<String>> hook() throws IOException {
        String path = Pattern.compile("preStop:\\s+httpGet:\\s+path: (\\S+)\\s+port: 9000")
                .matcher(Files.readString(MANIFEST))
                .results()
                .map((MatchResult match) -> match.group(1))
                .findFirst()
                .orElseThrow();
        URI uri = URI.create("http://127.0.0.1:" + world.managementPort + "/" + path);
        return HttpClient.newHttpClient()
                .sendAsync(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static Socket connected() throws IOException {
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
