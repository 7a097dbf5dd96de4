package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies, tunnels and details of HTTP/1.1, mostly over a raw socket. */
class ResponseChannelTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String PROXY = "/api/v1/namespaces/default/pods/demo/proxy/";
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
    void takesBodiesOfAnyLengthBehindProxy() throws Exception {
        // When
        HttpResponse<String> answer = new Caller(server).send(server.url(), "PUT", PROXY, token, "x".repeat(LIMIT + 1));
        // Then
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"bodyLength\":" + (LIMIT + 1)).doesNotContain("authorization");
    }

    @Test
    void takesTrailersAfterAChunkedBody() throws Exception {
        // Given
        RawHttp.request(socket, "POST " + PROXY + " HTTP/1.1\nTransfer-Encoding: chunked\nTrailer: X-Sum", token);
        // When
        RawHttp.send(socket, "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
        // Then
        assertThat(RawHttp.answer(socket)).contains("\"bodyLength\":5");
    }

    @Test
    void answersHeadWithTheLengthAndNoBody() throws Exception {
        // When
        RawHttp.request(socket, "HEAD /healthz HTTP/1.1\nConnection: close", token);
        // Then
        assertThat(RawHttp.readToEnd(socket))
                .startsWith("HTTP/1.1 200 OK")
                .containsIgnoringCase("content-length: 2\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void answersPipelinedRequestsInTheirOrder() throws Exception {
        // When
        String authorization = "\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n\r\n";
        RawHttp.send(socket, "GET /healthz HTTP/1.1" + authorization + "GET /nowhere HTTP/1.1" + authorization);
        // Then
        assertThat(RawHttp.answer(socket)).startsWith("HTTP/1.1 200").endsWith("ok");
        assertThat(RawHttp.answer(socket)).startsWith("HTTP/1.1 404");
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec", "attach", "portforward"})
    void echoesTheBytesOfASpdyTunnel(String subresource) throws Exception {
        // Given
        RawHttp.request(
                socket,
                "POST /api/v1/namespaces/default/pods/demo/" + subresource
                        + " HTTP/1.1\nConnection: Upgrade\nUpgrade: SPDY/3.1\n"
                        + "X-Stream-Protocol-Version: v4.channel.k8s.io",
                token);
        assertThat(RawHttp.head(socket))
                .startsWith("HTTP/1.1 101 Switching Protocols")
                .containsIgnoringCase("upgrade: SPDY/3.1")
                .containsIgnoringCase("X-Stream-Protocol-Version: v4.channel.k8s.io");
        // When
        RawHttp.send(socket, "GET / not http at all \0\1\2");
        // Then
        assertThat(RawHttp.read(socket, 25)).isEqualTo("GET / not http at all \0\1\2");
        assertThat(server.executed()).hasSize(1);
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

    @Test
    void acceptsAWebSocketByTheKeyAndTheFirstSubprotocol() throws Exception {
        // When
        webSocket("Sec-WebSocket-Protocol: v5.channel.k8s.io, v4.channel.k8s.io", token);
        // Then
        assertThat(RawHttp.head(socket))
                .startsWith("HTTP/1.1 101")
                .containsIgnoringCase("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                .containsIgnoringCase("Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n");
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

    @Test
    void refusesUpgradesIfSet() throws Exception {
        // Given
        server.refuseUpgrades(403, "pods \"demo\" is forbidden");
        // When
        webSocket("Sec-WebSocket-Protocol: v5.channel.k8s.io", token);
        // Then
        assertThat(RawHttp.answer(socket)).startsWith("HTTP/1.1 403").contains("is forbidden");
    }

    @ParameterizedTest
    @CsvSource({"GET, 101", "POST, 101", "PUT, 405", "PATCH, 405", "DELETE, 405", "HEAD, 405", "OPTIONS, 405"})
    void upgradesToSpdyByGetAndPostAlone(String method, int status) throws Exception {
        // When
        RawHttp.request(
                socket,
                method + " /api/v1/namespaces/default/pods/demo/exec HTTP/1.1"
                        + "\nConnection: Upgrade\nUpgrade: SPDY/3.1",
                token);
        // Then
        assertThat(RawHttp.head(socket)).startsWith("HTTP/1.1 " + status + " ");
    }

    @Test
    void saysBadRequestToExecWithoutAnUpgrade() throws Exception {
        // When
        HttpResponse<String> answer = new Caller(server)
                .send(Caller.request(server.url(), "/api/v1/namespaces/default/pods/demo/exec", token)
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build());
        // Then
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("Upgrade request required");
    }

    @Test
    void answers400ToWhatIsNoHttp() throws Exception {
        // When
        RawHttp.send(socket, "nonsense\r\n\r\n");
        // Then
        assertThat(RawHttp.readToEnd(socket)).startsWith("HTTP/1.1 400 Bad Request");
    }
}
