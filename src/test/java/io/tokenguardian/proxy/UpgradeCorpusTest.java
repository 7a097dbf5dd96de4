package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The cases of public tests about upgrades (RFC 9110, section 7.8). After the server has responded with 101, all bytes
 * after the headers belong to the tunnel. After any other response, they belong to the next request or response.
 */
@Timeout(300)
class UpgradeCorpusTest extends ScriptedProxyTest {

    private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: ";
    private static final String GET = "GET /a HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE;
    private static final String POST = "POST /a HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE;

    /** More bytes than one read takes. */
    private static final int MANY = 40_000;

    /**
     * One upgrade.
     *
     * @param request the bytes that the caller sends up to the end of its request
     * @param early the bytes that it sends with the request, before it has received a response
     * @param body the request's body
     * @param fields the header fields of the 101
     * @param first the bytes that the server sends together with the 101
     */
    private record Upgrade(String name, String request, String body, String early, String fields, String first) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Upgrade websocket(String name, String early, String first) {
        return new Upgrade(name, GET + "websocket\r\n\r\n", "", early, UPGRADE + "websocket\r\n", first);
    }

    static Stream<Upgrade> upgrades() {
        return Stream.of(
                websocket("the server speaks first", "", "first words"),
                websocket("the caller speaks early", "early words", ""),
                websocket("both", "early words", "first words"),
                websocket("like HTTP", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                websocket("line ends", "\r\n\r\n", "\r\n\r\n"),
                websocket("the end of chunks", "0\r\n\r\n", "0\r\n\r\n"),
                websocket("many bytes", "e".repeat(MANY), "f".repeat(MANY)),
                new Upgrade(
                        "a POST with a body",
                        POST + "HTTP/2.0\r\nContent-Length: 15\r\n\r\n",
                        "sweet post body",
                        "Hot diggity dogg",
                        UPGRADE + "HTTP/2.0\r\n",
                        "proto"),
                new Upgrade(
                        "SPDY",
                        POST + "SPDY/3.1\r\nContent-Length: 0\r\n\r\n",
                        "",
                        "\u0080\u0003\u0000\u0001",
                        UPGRADE + "SPDY/3.1\r\n",
                        "\u0080\u0003\u0000\u0004"),
                new Upgrade(
                        "hixie-76, less than its bytes",
                        GET
                                + "WebSocket\r\nSec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: 12998 5\r\n\r\n",
                        "",
                        "Hot",
                        UPGRADE
                                + "WebSocket\r\nSec-WebSocket-Origin: x\r\nSec-WebSocket-Location: ws://localhost/a\r\n",
                        "0123"),
                new Upgrade(
                        "a length in the 101",
                        GET + "h2d\r\n\r\n",
                        "",
                        "",
                        UPGRADE + "h2d\r\nContent-Length: 4\r\n",
                        "bodyproto"),
                new Upgrade(
                        "chunks in the 101",
                        GET + "h2d\r\n\r\n",
                        "",
                        "",
                        UPGRADE + "h2d\r\nTransfer-Encoding: chunked\r\n",
                        "2\r\nbo\r\n0\r\n\r\nproto"));
    }

    static Stream<Arguments> upgradesInPieces() {
        return Writing.of(upgrades(), each -> each.early().length() < MANY);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("upgradesInPieces")
    void everyByteAfterTheHeadersBelongsToTheTunnel(Upgrade each, Writing writing) throws Exception {
        // Given
        CompletableFuture<String> read = new CompletableFuture<>();
        start(connection -> {
                    connection.readHead();
                    String body = connection.read(each.body().length());
                    String answer = "HTTP/1.1 101 Switching Protocols\r\n" + each.fields() + "\r\n" + each.first();
                    writing.write(answer, connection.out()::write);
                    read.complete(body + connection.read(each.early().length() + 4));
                    connection.write("pong");
                    connection.in().transferTo(OutputStream.nullOutputStream());
                })
                .using(Tokens.issuedAt(Instant.now()));

        // When
        caller.send(each.request() + each.body() + each.early(), writing);
        StrictReader.Message answer = caller.reader().response("GET");
        String first = caller.read(each.first().length());
        caller.send("ping");
        String last = caller.read(4);

        // Then
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.values("upgrade")).hasSize(1);
        assertThat(answer.values("connection")).singleElement().asString().isEqualToIgnoringCase("upgrade");
        assertThat(first).isEqualTo(each.first());
        assertThat(last).isEqualTo("pong");
        assertThat(read.get(1, TimeUnit.MINUTES)).isEqualTo(each.body() + each.early() + "ping");
        assertThat(server.requests()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void earlyBytesAfterARefusedUpgradeAreTheNextRequest(Writing writing) throws IOException {
        start(connection -> {
                    if (connection.readHead().startsWith("GET /a")) {
                        connection.answer("302 x\r\nLocation: https://example.com/there", "some data");
                    } else {
                        connection.answer("200 OK", "next");
                    }
                })
                .using(Tokens.issuedAt(Instant.now()));

        // When
        caller.send(
                "GET /a HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE
                        + "websocket\r\n\r\nGET /b HTTP/1.1\r\nHost: localhost\r\n\r\n",
                writing);
        StrictReader.Message refusal = caller.response("GET");
        StrictReader.Message next = caller.response("GET");

        // Then
        assertThat(refusal.status()).isEqualTo(302);
        assertThat(refusal.body()).isEqualTo("some data");
        assertThat(refusal.values("location")).containsExactly("https://example.com/there");
        assertThat(next.body()).isEqualTo("next");
        assertThat(server.requests())
                .extracting(head -> head.substring(0, head.indexOf(' ', 5)))
                .isEqualTo(List.of("GET /a", "GET /b"));
    }

    @ParameterizedTest
    @EnumSource
    void aTunnelsConnectionIsNotShared(Writing writing) throws IOException {
        start(connection -> {
                    for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
                        if (head.contains("websocket")) {
                            connection.write("HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
                            connection.in().transferTo(OutputStream.nullOutputStream());
                        } else {
                            connection.answer("200 OK", "next");
                        }
                    }
                })
                .using(Tokens.issuedAt(Instant.now()));
        assertThat(caller.getStrictly("/before").body()).isEqualTo("next");
        try (RawCaller upgraded = proxy.call()) {
            upgraded.send("GET /a HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE + "websocket\r\n\r\nDELETE /", writing);
            assertThat(upgraded.reader().response("GET").status()).isEqualTo(101);
        }

        // When
        String next = caller.getStrictly("/after").body();

        // Then
        assertThat(next).isEqualTo("next");
        assertThat(server.connections()).isEqualTo(2);
        assertThat(server.requests()).noneMatch(head -> head.startsWith("DELETE"));
    }
}
