package io.tokenguardian.proxy;

import java.util.ArrayList;
import java.util.List;

/**
 * Responses that an API server, an aggregated API or kubelet can send, whole or incomplete. A pod's response to an
 * upgrade may contain any bytes, because the API server copies it. Sections without an RFC are sections of RFC 9112.
 */
final class AnswerCases {

    private static final String OTHER = "HTTP/1.1 200 OK\r\nX-Seen: GET /after\r\nContent-Length: 5\r\n\r\nother";

    private final List<AnswerCase> cases = new ArrayList<>();

    private AnswerCases() {}

    static List<AnswerCase> all() {
        AnswerCases table = new AnswerCases();
        table.whole();
        table.withoutBody();
        table.untilTheEnd();
        table.beforeAnother();
        table.surplus();
        table.malformed();
        table.incomplete();
        return List.copyOf(table.cases);
    }

    private AnswerCase add(String name, String bytes) {
        AnswerCase added = new AnswerCase(name, bytes);
        cases.add(added);
        return added;
    }

    /** Returns a response with the header lines {@code fields}, without the last line break. */
    private static String ok(String fields, String body) {
        return head("HTTP/1.1 200 OK", fields) + body;
    }

    private static String head(String statusLine, String fields) {
        return statusLine + "\r\n" + fields + (fields.isEmpty() ? "" : "\r\n") + "\r\n";
    }

    private static String chunked(String body) {
        return ok("Transfer-Encoding: chunked", body);
    }

    /** 6.3, 7.1. */
    private void whole() {
        add("length 0", ok("Content-Length: 0", "")).reads(200, "");
        add("HTTP/1.0 with a length", head("HTTP/1.0 200 OK", "Content-Length: 3") + "old")
                .reads(200, "old")
                .closed();
        add("a compressed body", ok("Content-Encoding: gzip\r\nContent-Length: 5", "\u001f\u008b\b\u0000\u00ff"))
                .reads(200, "\u001f\u008b\b\u0000\u00ff")
                .with("content-encoding: gzip");
        add(
                        "a redirect is the caller's to follow",
                        head("HTTP/1.1 302 Found", "Location: https://example.com/there\r\nContent-Length: 5")
                                + "there")
                .reads(302, "there")
                .with("location: https://example.com/there");
        add("a status that has no name", head("HTTP/1.1 567 ", "Content-Length: 5") + "hello")
                .reads(567, "hello");
        add(
                        "two fields of one name, beyond ASCII",
                        ok("Warning: 299 - \"D\u00c3\u00bc\"\r\nWarning: 299 - \"a\"\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .with("warning: 299 - \"D\u00c3\u00bc\"")
                .with("warning: 299 - \"a\"");
        add("chunks", chunked("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")).reads(200, "hello world");
        add("trailers", ok("Transfer-Encoding: chunked\r\nTrailer: X-Sum", "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"))
                .reads(200, "hello")
                .with("trailer: X-Sum")
                .withTrailers("x-sum: 1");
        add("close", ok("Connection: close\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .closed();
        add("a length, then the end", ok("Content-Length: 5", "hello"))
                .closes()
                .reads(200, "hello")
                .closed();
        add(
                        "fields for the next hop", // RFC 9110, 7.6.1
                        ok(
                                "Connection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 5",
                                "hello"))
                .reads(200, "hello")
                .without("connection")
                .without("x-secret")
                .without("keep-alive");
        add("200 with an Upgrade", ok("Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 4", "body"))
                .reads(200, "body")
                .without("upgrade");
    }

    /** 6.3; RFC 9110, 8.6. */
    private void withoutBody() {
        add("204", head("HTTP/1.1 204 No content", "")).reads(204, "");
        add("204 with length 0", head("HTTP/1.1 204 No content", "Content-Length: 0"))
                .reads(204, "");
        add("304 with a length", head("HTTP/1.1 304 Not Modified", "ETag: \"x\"\r\nContent-Length: 10"))
                .reads(304, "")
                .with("etag: \"x\"");
        add("HEAD and a length", ok("Content-Length: 256", ""))
                .to("HEAD")
                .reads(200, "")
                .with("content-length: 256");
        add("HEAD and chunks", chunked("")).to("HEAD").reads(200, "");
    }

    /** 6.3, 9.8. */
    private void untilTheEnd() {
        add("no length, close", ok("Connection: close", "hello"))
                .closes()
                .reads(200, "hello")
                .closed();
        add("HTTP/1.0, no length", head("HTTP/1.0 200 OK", "") + "hello")
                .closes()
                .reads(200, "hello")
                .with("transfer-encoding: chunked")
                .closed();
        add("no length, and an end that TLS does not tell", ok("", "hello"))
                .breaksOff()
                .readsNothingWhole();
    }

    /** RFC 9110, 15.2. */
    private void beforeAnother() {
        add(
                        "100, then 404",
                        "HTTP/1.1 100 Continue\r\n\r\n" + head("HTTP/1.1 404 Not Found", "Content-Length: 5") + "hello")
                .reads(404, "hello");
        add(
                        "103, then 200",
                        head("HTTP/1.1 103 Early Hints", "Link: </styles.css>; rel=preload")
                                + ok("Content-Length: 5", "hello"))
                .reads(200, "hello")
                .after("103 [link: </styles.css>; rel=preload]");
    }

    /** Bytes after a response, which could be taken for the response to another caller's request (9.2). */
    private void surplus() {
        for (String surplus : List.of("!", "\r\n", "HTTP/1.1 2", OTHER)) {
            add(surplus.length() + " bytes behind a length", ok("Content-Length: 5", "hello" + surplus))
                    .reads(200, "hello")
                    .closed()
                    .comesWhole();
        }
        add("another response behind the last chunk", chunked("5\r\nhello\r\n0\r\n\r\n" + OTHER))
                .reads(200, "hello")
                .closed()
                .comesWhole();
        add("another response behind 304", head("HTTP/1.1 304 Not Modified", "") + OTHER)
                .reads(304, "")
                .closed()
                .comesWhole();
        add("HEAD and another response", ok("Content-Length: " + OTHER.length(), OTHER))
                .to("HEAD")
                .reads(200, "")
                .closed()
                .comesWhole();
        // a 101 without a requested upgrade (RFC 9110, 7.8); the second is of the WebSocket draft hixie-76
        for (String fields :
                List.of("websocket", "WebSocket\r\nSec-WebSocket-Origin: x\r\nSec-WebSocket-Location: y", "HTTP/1.1")) {
            add(
                    "101 to " + fields.lines().findFirst().orElseThrow(),
                    head("HTTP/1.1 101 Switching Protocols", "Connection: upgrade\r\nUpgrade: " + fields) + OTHER);
        }
    }

    /** Responses whose end two readers would see in different places, and responses that are not HTTP/1. */
    private void malformed() {
        add("length and chunks", ok("Transfer-Encoding: chunked\r\nContent-Length: 5", "5\r\nhello\r\n0\r\n\r\n"));
        add("two lengths", ok("Content-Length: 5\r\nContent-Length: 6", "hello!"));
        add("chunks, then another encoding", ok("Transfer-Encoding: chunked, gzip", OTHER));
        add("LF alone before a length", ok("Foo: a\nContent-Length: 50\r\nContent-Length: 5", "hello"));
        for (String head : List.of(
                "HTTP/2.0 200 OK",
                "HTTP/1.2 200 OK",
                "HTTP/0.9 200 OK",
                "http/1.1 200 OK",
                "HTTP/1.1 0 None",
                "HTTP/1.1 099 None",
                "HTTP/1.1 20 OK",
                "HTTP/1.1 2000 OK",
                "HTTP/1.1 +20 OK",
                "HTTP/1.1 200 OK\r\nX: a\rb",
                "HTTP/1.1 200 OK\r\nX: a\0b")) {
            add(head.replaceAll("\\p{Cntrl}", "?"), head(head, "Content-Length: 3") + "bad");
        }
    }

    /** 8. */
    private void incomplete() {
        add("nothing", "").closes();
        add("half a head", "HTTP/1.1 301 Moved\r\nFoo: bar").closes();
        add("half a body", ok("Content-Length: 123", "Short body, not 123 bytes."))
                .closes()
                .readsNothingWhole();
        add("half a chunk", chunked("8\r\n012345")).closes().readsNothingWhole();
        add("no last chunk", chunked("5\r\nhello\r\n")).closes().readsNothingWhole();
    }
}
