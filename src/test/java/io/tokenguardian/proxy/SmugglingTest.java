package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that two readers could parse differently. They are refused, and not passed on. */
class SmugglingTest {

    private static final String HOST = "Host: localhost\r\n";

    static Stream<Arguments> attempts() {
        return Stream.of(
                Arguments.of("two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"), 400),
                Arguments.of("two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), 400),
                Arguments.of("a list of lengths", post("Content-Length: 5, 6\r\n\r\nhello!"), 400),
                Arguments.of(
                        "two lengths from an old caller",
                        old("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
                        400),
                Arguments.of("a list of lengths from an old caller", old("Content-Length: 5, 6\r\n\r\nhello!"), 400),
                Arguments.of("a negative length", post("Content-Length: -1\r\n\r\n"), 400),
                Arguments.of("a signed length", post("Content-Length: +5\r\n\r\nhello"), 400),
                Arguments.of(
                        "length and chunked",
                        post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                        400),
                Arguments.of(
                        "chunked and length",
                        post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
                        400),
                Arguments.of(
                        "chunked twice",
                        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                        400),
                Arguments.of("an unknown encoding", post("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), 400),
                Arguments.of(
                        "chunked and identity", post("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"), 400),
                Arguments.of("a space before the colon", post("Content-Length : 5\r\n\r\nhello"), 400),
                Arguments.of(
                        "a space before the encoding's colon",
                        post("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
                        400),
                Arguments.of("a space in a name", get("X Y: 1\r\n\r\n"), 400),
                Arguments.of("a header without a name", get(": 1\r\n\r\n"), 400),
                Arguments.of("a folded header", get("X-Y: 1\r\n Content-Length: 5\r\n\r\n"), 400),
                Arguments.of("LF alone in the head", "GET / HTTP/1.1\nHost: localhost\n\n", 400),
                Arguments.of("LF alone before the end", get("X-Y: 1\n\r\n"), 400),
                Arguments.of("CR alone", get("X-Y: 1\rContent-Length: 5\r\n\r\n"), 400),
                Arguments.of("NUL in a value", get("X-Y: a\0b\r\n\r\n"), 400),
                Arguments.of("a chunk size that is none", chunked("zz\r\nhello\r\n0\r\n\r\n"), 400),
                Arguments.of("a chunk size with a sign", chunked("-5\r\nhello\r\n0\r\n\r\n"), 400),
                Arguments.of("a chunk size beyond all", chunked("fffffffffffffffff\r\nhello"), 400),
                Arguments.of("a chunk size that ends in LF", chunked("5\nhello\r\n0\r\n\r\n"), 400),
                Arguments.of("a chunk longer than announced", chunked("5\r\nhello!\r\n0\r\n\r\n"), 400),
                Arguments.of("another host in absolute form", "GET http://other/ HTTP/1.1\r\n" + HOST + "\r\n", 400),
                Arguments.of("CONNECT", "CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n", 400),
                Arguments.of("a target without a slash", "GET api HTTP/1.1\r\n" + HOST + "\r\n", 400),
                Arguments.of("no host", "GET / HTTP/1.1\r\n\r\n", 400),
                Arguments.of("two hosts", get("Host: localhost\r\n\r\n"), 400),
                Arguments.of("another version", "GET / HTTP/2.0\r\n" + HOST + "\r\n", 400),
                Arguments.of("another protocol", "ICY/1.1 / ICY/1.1\r\n" + HOST + "\r\n", 400),
                Arguments.of("another minor version", "GET / HTTP/1.7\r\n" + HOST + "\r\n", 400),
                Arguments.of("a version in lower case", "GET / http/1.1\r\n" + HOST + "\r\n", 400),
                Arguments.of("a control character for a space", "GET\u0017/ HTTP/1.1\r\n" + HOST + "\r\n", 400),
                Arguments.of("a control character in the method", "POS\u0017 / HTTP/1.1\r\n" + HOST + "\r\n", 400),
                Arguments.of("a tab for a space", "GET\t/ HTTP/1.1\r\n" + HOST + "\r\n", 400),
                Arguments.of("two spaces", "GET  / HTTP/1.1\r\n" + HOST + "\r\n", 400),
                Arguments.of("a space at the line's end", "GET / HTTP/1.1 \r\n" + HOST + "\r\n", 400),
                Arguments.of("a method that is no token", "G(E)T / HTTP/1.1\r\n" + HOST + "\r\n", 400),
                Arguments.of("no HTTP", "\u0016\u0003\u0001\u0002", 400),
                Arguments.of(
                        "Connection that names the length",
                        post("Connection: content-length\r\nContent-Length: 5\r\n\r\nhello"),
                        400),
                Arguments.of("another host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
                Arguments.of(
                        "another port's host with user", "GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n", 403),
                Arguments.of("a foreign origin", get("Origin: http://evil.example\r\n\r\n"), 403),
                Arguments.of("no origin to speak of", get("Origin: null\r\n\r\n"), 403),
                Arguments.of("a long request line", "GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n" + HOST + "\r\n", 414),
                Arguments.of("large headers", get("X-Y: " + "x".repeat(70_000) + "\r\n\r\n"), 431));
    }

    private static String get(String rest) {
        return "GET /api HTTP/1.1\r\n" + HOST + rest;
    }

    private static String post(String rest) {
        return "POST /api HTTP/1.1\r\n" + HOST + rest;
    }

    private static String old(String rest) {
        return "POST /api HTTP/1.0\r\n" + HOST + rest;
    }

    private static String chunked(String body) {
        return post("Transfer-Encoding: chunked\r\n\r\n" + body);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attempts")
    void anAmbiguousRequestIsRefusedAndNotSentToTheServer(String what, String request, int status) throws IOException {
        // Given
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.answer("200 OK", "reached");
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            // When
            caller.send(request + get("X-Next: smuggled\r\n\r\n"));

            // Then
            assertThat(caller.readAll())
                    .startsWith("HTTP/1.1 " + status + " ")
                    .contains("\"kind\":\"Status\"", "\"code\":" + status)
                    .doesNotContain("reached");
            assertThat(server.requests()).as(what).isEmpty();
        }
    }

    @Test
    void aValidRequestThatLooksSimilarPasses() throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.answer("200 OK", "reached");
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            caller.send("\r\nGET /a/../b//c%2fd HTTP/1.1\r\nhost:localhost:99\r\nOrigin:"
                    + " http://127.0.0.1:8001\r\nX-Empty:\r\n\r\n");
            assertThat(caller.readHead()).startsWith("HTTP/1.1 200 OK\r\n");
            // The encoded path may lead to a backend, so the proxy first sends a small request.
            assertThat(server.requests())
                    .filteredOn(head -> !head.startsWith("GET /version "))
                    .singleElement()
                    .satisfies(head -> assertThat(head).startsWith("GET /a/../b//c%2fd HTTP/1.1\r\n"));
        }
    }

    @Test
    void aHeadRequestThatIsRefusedGetsNoBody() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Connection::readHead);
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            caller.send("HEAD / HTTP/1.1\r\n Host: localhost\r\n\r\n");

            assertThat(caller.readHead()).startsWith("HTTP/1.1 400 ");
            assertThat(caller.readAll()).isEmpty();
        }
    }

    @Test
    void anUnannouncedBodyIsReadAsTheNextRequest() throws IOException {
        // Given a request of the WebSocket draft hixie-76, with 8 bytes after its headers
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.answer("200 OK", "reached");
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call();
                RawCaller other = proxy.call()) {
            // When
            caller.send(get("Sec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\n\r\n") + "DELETE /");
            assertThat(caller.readAnswer()).endsWith("reached");
            caller.send(" HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(caller.readAnswer()).endsWith("reached");
            other.send(get("\r\n"));
            assertThat(other.readAnswer()).endsWith("reached");

            // Then the headers and the 8 bytes have reached the server as separate requests
            assertThat(server.requests())
                    .extracting(head -> head.substring(0, head.indexOf("\r\n")))
                    .containsExactly("GET /api HTTP/1.1", "DELETE / HTTP/1.1", "GET /api HTTP/1.1");
        }
    }

    @Test
    void bytesAfterTheLastRequestOfAConnectionAreNotSent() throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.answer("200 OK", "reached");
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            caller.send(get("Connection: close\r\n\r\n")
                    + get("X-Next: late\r\n\r\n").repeat(3));
            assertThat(caller.readAll()).containsOnlyOnce("reached");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void pipelinedRequestsGetResponsesInTheirOrder() throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
                        connection.answer("200 OK", head.substring(4, head.indexOf(' ', 4)));
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 3000; i++) {
                requests.append("GET /")
                        .append(i)
                        .append(" HTTP/1.1\r\n")
                        .append(HOST)
                        .append("\r\n");
            }
            caller.send(requests.toString());
            for (int i = 0; i < 3000; i++) {
                assertThat(caller.readAnswer()).endsWith("\r\n\r\n/" + i);
            }
        }
    }

    @Test
    void anUpgradeAndAnExpectationInHttp10AreIgnored() throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    connection.readHead();
                    connection.answer("200 OK", "reached");
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            caller.send(old("Connection: upgrade\r\nUpgrade: SPDY/3.1\r\nExpect: 100-continue\r\n\r\n"));
            assertThat(caller.readAnswer()).endsWith("reached");
            assertThat(server.requests().get(0))
                    .doesNotContainIgnoringCase("upgrade")
                    .doesNotContainIgnoringCase("expect");
        }
    }
}
