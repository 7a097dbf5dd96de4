package io.tokenguardian.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.HangDetector;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a serving guardian shows and passes on. One program serves all tests, which only read. */
class ServingIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String PODS = "/api/v1/namespaces/default/pods";

    private static final String SPDY = """
            POST /api/v1/namespaces/default/pods/demo/exec?command=sh HTTP/1.1
            Host: localhost
            Connection: Upgrade
            Upgrade: SPDY/3.1
            X-Stream-Protocol-Version: v4.channel.k8s.io
            Content-Length: 0

            """;

    private static final String WEB_SOCKET = """
            GET /api/v1/namespaces/default/pods/demo/exec?command=sh HTTP/1.1
            Host: localhost
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Protocol: v5.channel.k8s.io

            """;

    @AutoClose
    private static World world;

    private static Program serving;

    @BeforeAll
    static void serve(@TempDir Path directory) throws IOException {
        world = World.of(3, directory);
        world.apiServer.fillBigList(300_000);
        serving = world.serve();
        ServeIT.awaitReady(world);
    }

    @AfterAll
    static void stillServes() {
        assertThat(serving.isAlive()).isTrue();
    }

    @Test
    void statusShowsTokenAndReplicas() throws Exception {
        JsonObject status = new JsonObject(world.local("GET", "/status").body());

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

    /**
     * Java's client offers HTTP/2 with every request. When it sent {@code quit} over HTTP/2, it found the connection
     * closed.
     */
    @Test
    void aClientThatOffersHttp2GetsAnHttp1Response() throws Exception {
        assertThat(world.local("GET", "/status").version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }

    @Test
    void quitByGetIsNotAllowed() throws Exception {
        assertThat(world.local("GET", "/quit").statusCode()).isEqualTo(405);
    }

    @Test
    void liveNamesNoThreadOfADisabledFeature() throws Exception {
        assertThat(ServeIT.liveThreads(world)).containsOnlyKeys("guardian", "token-watch", "proxy-1", "proxy-2");
    }

    @Test
    void aResponseWithoutHoldOrRetryGetsNoHeader() throws Exception {
        HttpResponse<String> answer = world.proxied(PODS);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("token-guardian")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {SPDY, WEB_SOCKET})
    void anUpgradeTunnelsBytesInBothDirections(String upgrade) throws Exception {
        try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), world.proxyPort)) {
            caller.setSoTimeout(HangDetector.millis());
            OutputStream out = caller.getOutputStream();
            InputStream in = caller.getInputStream();

            out.write(upgrade.replace("\n", "\r\n").getBytes(ISO_8859_1));
            String head = headOf(in);
            out.write("hello".getBytes(ISO_8859_1));
            String echo = new String(in.readNBytes(5), ISO_8859_1);
            caller.shutdownOutput();

            assertThat(head).startsWith("HTTP/1.1 101 ");
            assertThat(echo).isEqualTo("hello");
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    private static String headOf(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        return head.toString();
    }

    @Test
    void aCompressedListPassesThroughUnchanged() throws Exception {
        HttpResponse<byte[]> answer = HTTP.send(
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + world.proxyPort + "/api/v1/namespaces/big/configmaps"))
                        .version(HttpClient.Version.HTTP_1_1)
                        .header("Accept-Encoding", "gzip")
                        .build(),
                BodyHandlers.ofByteArray());

        assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
        byte[] list = new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes();
        assertThat(new JsonObject(new String(list, UTF_8)).getJsonArray("items"))
                .hasSize(300_000 / 1200);
    }
}
