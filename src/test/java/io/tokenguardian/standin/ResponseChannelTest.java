package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies, tunnels and details of HTTP/1.1, mostly over a raw socket. */
class ResponseChannelTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final int LIMIT = 3 * 1024 * 1024;

    private StandInApiServer server;
    private String token;
    private String refused;
    private SSLSocket socket;

    @BeforeEach
    void start() throws Exception {
        server = StandInApiServer.builder().start();
        token = server.issue();
        refused = server.issue(TokenSpec.unextended().audience("vault"));
        socket = new Caller(server).socket(server.port());
    }

    @AfterEach
    void stop() throws Exception {
        socket.close();
        server.close();
    }

    @Test
    void sends100WhenItIsAboutToReadTheBody() throws Exception {
        // Given
        RawHttp.request(socket, "POST " + MAPS + " HTTP/1.1\nContent-Length: 2\nExpect: 100-continue", token);
        // When
        String first = RawHttp.head(socket);
        RawHttp.send(socket, "{}");
        // Then
        assertThat(first).startsWith("HTTP/1.1 100 Continue");
        assertThat(RawHttp.answer(socket))
                .startsWith("HTTP/1.1 422 Unprocessable Entity")
                .contains("name or generateName");
    }

    @Test
    void refusesWithout100AndClosesWhenTheClientWaitsForOne() throws Exception {
        // When
        RawHttp.request(socket, "POST " + MAPS + " HTTP/1.1\nContent-Length: 2\nExpect: 100-continue", refused);
        // Then
        assertThat(RawHttp.readToEnd(socket))
                .startsWith("HTTP/1.1 401 Unauthorized")
                .containsIgnoringCase("\r\nconnection: close\r\n");
    }

    @ParameterizedTest(name = "{0} bytes: closes {1}")
    @CsvSource({"262144, false", "262145, true"})
    void readsUpTo256KiBOfABodyItRefusesToKeepTheConnection(int length, boolean closes) throws Exception {
        // Given
        RawHttp.request(socket, "POST " + MAPS + " HTTP/1.1\nContent-Length: " + length, refused);
        RawHttp.send(socket, "x".repeat(length));
        // When
        String answer = RawHttp.answer(socket);
        // Then
        assertThat(answer).startsWith("HTTP/1.1 401");
        assertThat(answer.toLowerCase(java.util.Locale.ROOT).contains("connection: close"))
                .isEqualTo(closes);
    }

    @ParameterizedTest(name = "{0} bytes: {1}")
    @CsvSource({LIMIT - 1 + ", 400", LIMIT + ", 400", LIMIT + 1 + ", 413"})
    void takesBodiesOfUpTo3MiB(int length, int status) throws Exception {
        // When
        HttpResponse<String> answer = new Caller(server).send(server.url(), "POST", MAPS, token, "x".repeat(length));
        // Then
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @Test
    void echoesAllThatWasSentBeforeTheClientsHalfClose() throws Exception {
        // Given
        RawHttp.request(
                socket,
                "POST /api/v1/namespaces/default/pods/demo/exec HTTP/1.1\nConnection: Upgrade\nUpgrade: SPDY/3.1",
                token);
        RawHttp.head(socket);
        String sent = "x".repeat(100_000);
        // When
        RawHttp.send(socket, sent);
        socket.shutdownOutput();
        // Then
        assertThat(RawHttp.readToEnd(socket)).isEqualTo(sent);
    }

    private void webSocket(String header, @Nullable String credential) throws Exception {
        RawHttp.request(
                socket,
                "GET /api/v1/namespaces/default/pods/demo/exec HTTP/1.1\nConnection: keep-alive, Upgrade\n"
                        + "Upgrade: websocket"
                        + "\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n" + header,
                credential);
    }

    private static String subprotocol(String token) {
        return "base64url.bearer.authorization.k8s.io."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(token.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void takesATokenFromTheSubprotocolAndDoesNotGiveItBack() throws Exception {
        // When
        webSocket("Sec-WebSocket-Protocol: " + subprotocol(token) + ", v5.channel.k8s.io", null);
        // Then
        assertThat(RawHttp.head(socket))
                .startsWith("HTTP/1.1 101")
                .contains("v5.channel.k8s.io")
                .doesNotContain("base64url.bearer");
        assertThat(server.executed().toString()).doesNotContain("base64url.bearer.authorization.k8s.io.");
    }

    @Test
    void refusesABadTokenFromTheSubprotocol() throws Exception {
        // When
        webSocket("Sec-WebSocket-Protocol: " + subprotocol(refused) + ", v5.channel.k8s.io", null);
        // Then
        assertThat(RawHttp.head(socket)).startsWith("HTTP/1.1 401");
    }
}
