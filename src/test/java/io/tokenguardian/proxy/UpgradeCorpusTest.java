package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.proxy.StrictCaller.Writing;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
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
class UpgradeCorpusTest {

    private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: ";
    private static final String KEYS =
            "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\n";
    private static final String ORIGIN =
            "Sec-WebSocket-Origin: http://localhost\r\nSec-WebSocket-Location: ws://localhost/a\r\n";

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

    static Stream<Upgrade> upgrades() {
        String get = "GET /a HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE;
        String websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
        return Stream.of(
                new Upgrade("h11: nothing early", get + "websocket\r\n\r\n", "", "", websocket, ""),
                new Upgrade(
                        "kubernetes: the server speaks first",
                        get + "websocket\r\n\r\n",
                        "",
                        "",
                        websocket,
                        "first words"),
                new Upgrade(
                        "h11: the caller speaks early", get + "websocket\r\n\r\n", "", "early words", websocket, ""),
                new Upgrade("h11: both", get + "websocket\r\n\r\n", "", "early words", websocket, "first words"),
                new Upgrade(
                        "h11: early bytes that look like a request",
                        get + "a, b\r\n\r\n",
                        "",
                        "GET / HTTP/1.0\r\n\r\n",
                        "Connection: upgrade\r\nUpgrade: a\r\n",
                        ""),
                new Upgrade(
                        "attacks: first bytes that look like an answer",
                        get + "websocket\r\n\r\n",
                        "",
                        "",
                        websocket,
                        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                new Upgrade(
                        "attacks: first bytes that are line ends",
                        get + "websocket\r\n\r\n",
                        "",
                        "\r\n\r\n",
                        websocket,
                        "\r\n\r\n"),
                new Upgrade(
                        "attacks: first bytes that end a chunk",
                        get + "websocket\r\n\r\n",
                        "",
                        "0\r\n\r\n",
                        websocket,
                        "0\r\n\r\n"),
                new Upgrade(
                        "llhttp: with a body",
                        "POST /a HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE + "HTTP/2.0\r\nContent-Length: 15\r\n\r\n",
                        "sweet post body",
                        "Hot diggity dogg",
                        "Connection: upgrade\r\nUpgrade: HTTP/2.0\r\n",
                        "proto"),
                new Upgrade(
                        "kubernetes: SPDY, as POST",
                        "POST /a HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE + "SPDY/3.1\r\nContent-Length: 0\r\n\r\n",
                        "",
                        "\u0080\u0003\u0000\u0001",
                        "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n",
                        "\u0080\u0003\u0000\u0004"),
                new Upgrade(
                        "llhttp: hixie-76",
                        get + "WebSocket\r\n" + KEYS + "\r\n",
                        "",
                        "Hot digg",
                        "Connection: Upgrade\r\nUpgrade: WebSocket\r\n" + ORIGIN,
                        "0123456789abcdef"),
                new Upgrade(
                        "llhttp: hixie-76, less than its bytes",
                        get + "WebSocket\r\n" + KEYS + "\r\n",
                        "",
                        "Hot",
                        "Connection: Upgrade\r\nUpgrade: WebSocket\r\n" + ORIGIN,
                        "0123"),
                new Upgrade(
                        "attacks: hixie-76 of the server's alone",
                        get + "websocket\r\n\r\n",
                        "",
                        "",
                        "Connection: Upgrade\r\nUpgrade: WebSocket\r\n",
                        "words"),
                new Upgrade(
                        "llhttp: a length in the 101",
                        get + "h2d\r\n\r\n",
                        "",
                        "",
                        "Connection: upgrade\r\nUpgrade: h2d\r\nContent-Length: 4\r\n",
                        "bodyproto"),
                new Upgrade(
                        "llhttp: chunks in the 101",
                        get + "h2d\r\n\r\n",
                        "",
                        "",
                        "Connection: upgrade\r\nUpgrade: h2d\r\nTransfer-Encoding: chunked\r\n",
                        "2\r\nbo\r\n0\r\n\r\nproto"),
                new Upgrade(
                        "attacks: an early word of 40,000 bytes",
                        get + "websocket\r\n\r\n",
                        "",
                        "e".repeat(40_000),
                        websocket,
                        "f".repeat(40_000)));
    }

    static Stream<Arguments> upgradesInPieces() {
        return upgrades()
                .flatMap(each -> Stream.of(Writing.values())
                        .filter(writing ->
                                writing == Writing.AT_ONCE || each.early().length() < 1_000)
                        .map(writing -> Arguments.of(each, writing)));
    }

    @BeforeAll
    static void printTheCounts() {
        System.out.println("upgrades: " + upgrades().count() + " cases that the server takes, 7 that it does not");
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("upgradesInPieces")
    void everyByteAfterTheHeadersBelongsToTheTunnel(Upgrade each, Writing writing) throws Exception {
        // Given
        CompletableFuture<String> read = new CompletableFuture<>();
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    connection.readHead();
                    String body = connection.read(each.body().length());
                    String answer = "HTTP/1.1 101 Switching Protocols\r\n" + each.fields() + "\r\n" + each.first();
                    if (writing == Writing.AT_ONCE) {
                        connection.write(answer);
                    } else {
                        for (byte one : answer.getBytes(StandardCharsets.ISO_8859_1)) {
                            connection.out().write(one);
                        }
                    }
                    read.complete(body + connection.read(each.early().length() + 4));
                    connection.write("pong");
                    connection.in().transferTo(OutputStream.nullOutputStream());
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                StrictCaller caller = new StrictCaller(proxy.port())) {
            // When
            caller.send(each.request() + each.body() + each.early(), writing);
            StrictResponseReader.Response answer = caller.reader().next("GET");
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
    }

    static Stream<Arguments> refusals() {
        return Stream.of(200, 300, 302, 307, 400, 403, 500)
                .flatMap(status -> Stream.of(Writing.values()).map(writing -> Arguments.of(status, writing)));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void earlyBytesAfterARefusedUpgradeAreTheNextRequest(int status, Writing writing) throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    if (connection.readHead().startsWith("GET /a")) {
                        connection.answer(status + " x\r\nLocation: https://example.com/there", "some data");
                    } else {
                        connection.answer("200 OK", "next");
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                StrictCaller caller = new StrictCaller(proxy.port())) {
            // When
            caller.send(
                    "GET /a HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE
                            + "websocket\r\n\r\nGET /b HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    writing);
            StrictResponseReader.Response refusal = caller.answer("GET");
            StrictResponseReader.Response next = caller.answer("GET");

            // Then
            assertThat(refusal.status()).isEqualTo(status);
            assertThat(refusal.body()).isEqualTo("some data");
            assertThat(refusal.values("location")).containsExactly("https://example.com/there");
            assertThat(next.body()).isEqualTo("next");
            assertThat(server.requests())
                    .extracting(head -> head.substring(0, head.indexOf(' ', 5)))
                    .isEqualTo(List.of("GET /a", "GET /b"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTunnelsConnectionIsNotShared(Writing writing) throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
                        if (head.contains("websocket")) {
                            connection.write("HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
                            connection.in().transferTo(OutputStream.nullOutputStream());
                        } else {
                            connection.answer("200 OK", "next");
                        }
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                StrictCaller before = new StrictCaller(proxy.port())) {
            assertThat(before.get("/before").answer("GET").body()).isEqualTo("next");
            try (StrictCaller caller = new StrictCaller(proxy.port())) {
                caller.send("GET /a HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE + "websocket\r\n\r\nDELETE /", writing);
                assertThat(caller.reader().next("GET").status()).isEqualTo(101);
            }

            // When
            String next = before.get("/after").answer("GET").body();

            // Then
            assertThat(next).isEqualTo("next");
            assertThat(server.connections()).isEqualTo(2);
            assertThat(server.requests()).noneMatch(head -> head.startsWith("DELETE"));
        }
    }
}
