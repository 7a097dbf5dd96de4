package io.tokenguardian.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code preStop} of the classic sidecar, asked as kubelet asks it. */
class DrainIT {
    private static final Path MANIFEST = Path.of("k8s/sidecar/classic/pod.yaml");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(1, directory);
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void theHookIsAnsweredOnceTheAppIsGoneAndTheProxyServesUntilSigterm() throws Exception {
        try (Program serving = Program.start(world.environment())) {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> world.health("ready") == 200);
            CompletableFuture<HttpResponse<String>> hook;
            try (Socket app = connected()) {
                hook = hook(HttpClient.newHttpClient());

                assertThat(get(app, "keep-alive")).contains("200");
                assertThat(hook).isNotDone();
            }

            assertThat(hook.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).statusCode())
                    .isEqualTo(200);

            try (Socket late = connected()) {
                assertThat(get(late, "close")).contains("200");
            }
            serving.terminate();
            assertThat(serving.ended().exitCode()).isZero();
        }
    }

    /** Kubelet up to 1.25 puts a slash of its own before the path. */
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

    /** The answer's first line. */
    private static String get(Socket app, String connection) throws IOException {
        app.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        app.getOutputStream()
                .write(("GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: " + connection + "\r\n\r\n")
                        .getBytes(US_ASCII));
        return new BufferedReader(new InputStreamReader(app.getInputStream(), US_ASCII)).readLine();
    }
}
