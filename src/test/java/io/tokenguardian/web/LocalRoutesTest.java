package io.tokenguardian.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.status.StatusReport;
import io.tokenguardian.status.StatusReports;
import io.tokenguardian.testing.DefaultSettings;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.vetted.VettedFiles;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The requests that the local listener allows. */
class LocalRoutesTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final List<String> PATHS = List.of("/status", "/", "/clocks.svg", "/status.svg");
    private static int port;

    @BeforeAll
    static void listen() throws Exception {
        Timeline timeline = new SimulatedTime(Instant.parse("2026-03-01T12:00:00Z")).timeline();
        TokenTerms.AcceptancePolicy policy = new TokenTerms.AcceptancePolicy(Duration.ofSeconds(60), 3);
        Guardian guardian = new Guardian(LocalRoutesTest::unasked, policy, timeline, () -> 0, new TokenSource());
        StatusReport report = StatusReports.of(timeline);
        Router router = Router.router(VERTX);
        VettedFiles vetted = VettedFiles.of(
                DefaultSettings.all().vetted(),
                null,
                Path.of("/token"),
                () -> new byte[0],
                guardian::tokenStatus,
                timeline);
        new LocalRoutes(() -> guardian, () -> vetted, () -> report, DefaultSettings::all).register(router);
        new PageRoutes(() -> guardian, () -> timeline).register(router);
        HttpServer server = VERTX.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        port = server.actualPort();
    }

    private static ProbeConnection unasked() {
        throw new AssertionError("nobody asks here");
    }

    @AfterAll
    static void end() throws Exception {
        VERTX.close().toCompletionStage().toCompletableFuture().get();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "[::1]"})
    void requestsToLoopbackNamesAreAllowed(String host) throws Exception {
        for (String path : PATHS) {
            assertThat(ask(HttpMethod.GET, path, host, null)).isEqualTo(200);
        }
    }

    @Test
    void browsersTreatTheStatusOnlyAsJson() throws Exception {
        HttpClient client = VERTX.createHttpClient();

        HttpClientResponse response = client.request(HttpMethod.GET, port, "127.0.0.1", "/status")
                .compose(HttpClientRequest::send)
                .toCompletionStage()
                .toCompletableFuture()
                .get();

        assertThat(response.getHeader("Content-Type")).isEqualTo("application/json");
        assertThat(response.getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
        client.close().toCompletionStage().toCompletableFuture().get();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rebound.example", "localhost.example", "127.0.0.1.example", "10.0.0.1"})
    void otherHostsAreRefused(String host) throws Exception {
        assertThat(ask(HttpMethod.POST, "/quit", host, null)).isEqualTo(403);
        for (String path : PATHS) {
            assertThat(ask(HttpMethod.GET, path, host, null)).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost",
                "http://localhost:3000",
                "https://localhost",
                "http://127.0.0.1:8002",
                "http://[::1]:8002"
            })
    void pagesFromLoopbackNamesAreAllowed(String origin) throws Exception {
        assertThat(ask(HttpMethod.GET, "/status", "localhost", origin)).isEqualTo(200);
    }

    @Test
    void byDefaultQuitIsRefused() throws Exception {
        assertThat(ask(HttpMethod.POST, "/quit", "localhost", null)).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://evil.example",
                "http://localhost@evil.example",
                "null",
                "file://",
                "http://127.0.0.1@evil.example",
                "http://127.0.0.1:8002/path",
                "http://127.0.0.1:",
                "http://127.0.0.1:8002 http://evil.example",
                "vscode-webview://localhost",
                "localhost",
                "",
                "a b"
            })
    void pagesFromOtherOriginsAreRefused(String origin) throws Exception {
        assertThat(ask(HttpMethod.GET, "/status", "localhost", origin)).isEqualTo(403);
        assertThat(ask(HttpMethod.POST, "/quit", "localhost", origin)).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({"Origin, http://localhost, http://evil.example", "Host, localhost, evil.example"})
    void requestsWithTwoOriginsOrHostsAreRefused(String header, String one, String other) throws Exception {
        assertThat(askWith(HttpMethod.GET, "/status", "localhost", Map.of(header, List.of(one, other))))
                .isEqualTo(403);
    }

    /** An image, a frame, a followed link and a form on another site; a request of the user; two from local pages. */
    @ParameterizedTest
    @CsvSource({
        "GET, /clocks.svg, cross-site, no-cors, image, 403",
        "GET, /, cross-site, navigate, iframe, 403",
        "GET, /, cross-site, navigate, document, 200",
        "POST, /quit, cross-site, navigate, document, 403",
        "GET, /, none, navigate, document, 200",
        "GET, /, same-origin, cors, empty, 200",
        "GET, /, same-site, cors, empty, 200"
    })
    void withoutAnOriginTheFetchMetadataDecide(
            String method, String path, String site, String mode, String destination, int status) throws Exception {
        Map<String, List<String>> headers = Map.of(
                "Sec-Fetch-Site", List.of(site),
                "Sec-Fetch-Mode", List.of(mode),
                "Sec-Fetch-Dest", List.of(destination));

        assertThat(askWith(HttpMethod.valueOf(method), path, "localhost", headers))
                .isEqualTo(status);
    }

    private static int ask(HttpMethod method, String path, String host, @Nullable String origin) throws Exception {
        return askWith(method, path, host, origin == null ? Map.of() : Map.of("Origin", List.of(origin)));
    }

    private static int askWith(HttpMethod method, String path, String host, Map<String, List<String>> headers)
            throws Exception {
        HttpClient client = VERTX.createHttpClient();
        try {
            RequestOptions options = new RequestOptions()
                    .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
                    .setHost(host)
                    .setPort(port)
                    .setMethod(method)
                    .setURI(path);
            headers.forEach((name, values) -> options.putHeader(name, List.<CharSequence>copyOf(values)));
            return client.request(options)
                    .compose(HttpClientRequest::send)
                    .map(HttpClientResponse::statusCode)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
        } finally {
            client.close().toCompletionStage().toCompletableFuture().get();
        }
    }
}
