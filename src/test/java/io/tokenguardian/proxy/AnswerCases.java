package io.tokenguardian.proxy;

import static io.tokenguardian.proxy.Corpus.ATTACKS;
import static io.tokenguardian.proxy.Corpus.GO;
import static io.tokenguardian.proxy.Corpus.H11;
import static io.tokenguardian.proxy.Corpus.KUBERNETES;
import static io.tokenguardian.proxy.Corpus.LLHTTP;

import java.util.ArrayList;
import java.util.List;

/**
 * Responses that an API server, an aggregated API or kubelet can send, whole or incomplete. A pod's response to an
 * upgrade may contain any bytes, because the API server copies it. Sections without an RFC are sections of RFC 9112.
 */
final class AnswerCases {

    private static final String LENGTH = "6.3";
    private static final String CHUNKS = "7.1";
    private static final String INCOMPLETE = "8";
    private static final String PAIRS = "9.2";
    private static final String UPGRADE = "RFC 9110, 7.8";

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
        table.ambiguous();
        table.incomplete();
        return List.copyOf(table.cases);
    }

    private AnswerCase add(Corpus corpus, String name, String rule, String bytes) {
        AnswerCase added = new AnswerCase(corpus, name, rule, bytes);
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

    private void whole() {
        add(LLHTTP, "length 0", LENGTH, ok("Content-Length: 0", "")).reads(200, "");
        add(
                        KUBERNETES,
                        "a body that is compressed",
                        LENGTH,
                        ok("Content-Encoding: gzip\r\nContent-Length: 5", "\u001f\u008b\b\u0000\u00ff"))
                .reads(200, "\u001f\u008b\b\u0000\u00ff")
                .with("content-encoding: gzip");
        add(
                        KUBERNETES,
                        "a redirect is the caller's to follow",
                        "RFC 9110, 15.4",
                        head("HTTP/1.1 302 Found", "Location: https://example.com/there\r\nContent-Length: 5")
                                + "there")
                .reads(302, "there")
                .with("location: https://example.com/there");
        add(KUBERNETES, "a status that has no name", "4", head("HTTP/1.1 567 ", "Content-Length: 5") + "hello")
                .reads(567, "hello");
        add(
                        GO,
                        "two fields of one name, beyond ASCII",
                        "RFC 9110, 5.3",
                        ok("Warning: 299 - \"D\u00c3\u00bc\"\r\nWarning: 299 - \"a\"\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .with("warning: 299 - \"D\u00c3\u00bc\"")
                .with("warning: 299 - \"a\"");
        add(LLHTTP, "chunks", CHUNKS, chunked("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"))
                .reads(200, "hello world");
        add(GO, "chunks for a caller of HTTP/1.0", CHUNKS, chunked("5\r\nhello\r\n0\r\n\r\n"))
                .toHttp10()
                .reads(200, "hello");
        add(
                        H11,
                        "trailers, one of which is framing",
                        "7.1.2; RFC 9110, 6.5",
                        chunked("5\r\nhello\r\n0\r\nX-Sum: 1\r\nContent-Length: 50\r\n\r\n"))
                .reads(200, "hello")
                .withTrailers("x-sum: 1");
        add(LLHTTP, "close", "9.6", ok("Connection: close\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .closed();
        add(GO, "a length, then the end", INCOMPLETE, ok("Content-Length: 5", "hello"))
                .closes()
                .reads(200, "hello")
                .closed();
        add(
                        ATTACKS,
                        "fields for the next hop",
                        "RFC 9110, 7.6.1",
                        ok(
                                "Connection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 5",
                                "hello"))
                .reads(200, "hello")
                .without("connection")
                .without("x-secret")
                .without("keep-alive");
        add(
                        LLHTTP,
                        "200 with an Upgrade",
                        UPGRADE,
                        ok("Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 4", "body"))
                .reads(200, "body")
                .without("upgrade");
    }

    private void withoutBody() {
        add(LLHTTP, "204", LENGTH, head("HTTP/1.1 204 No content", "")).reads(204, "");
        add(
                        LLHTTP,
                        "304 with a length",
                        "RFC 9110, 8.6",
                        head("HTTP/1.1 304 Not Modified", "ETag: \"x\"\r\nContent-Length: 10"))
                .reads(304, "")
                .with("etag: \"x\"");
        add(GO, "HEAD and a length", LENGTH, ok("Content-Length: 256", ""))
                .to("HEAD")
                .reads(200, "")
                .with("content-length: 256");
        add(GO, "HEAD and chunks", LENGTH, chunked("")).to("HEAD").reads(200, "");
    }

    private void untilTheEnd() {
        add(LLHTTP, "no length, close", LENGTH, ok("Connection: close", "hello"))
                .closes()
                .reads(200, "hello")
                .closed();
        add(GO, "HTTP/1.0, no length, for a caller of HTTP/1.0", LENGTH, head("HTTP/1.0 200 OK", "") + "hello")
                .toHttp10()
                .closes()
                .reads(200, "hello")
                .closed();
        add(ATTACKS, "no length, and an end that TLS does not tell", "9.8", ok("", "hello"))
                .breaksOff()
                .readsNothingWhole();
    }

    private void beforeAnother() {
        add(
                        LLHTTP,
                        "100, then 404",
                        "RFC 9110, 15.2",
                        "HTTP/1.1 100 Continue\r\n\r\n" + head("HTTP/1.1 404 Not Found", "Content-Length: 5") + "hello")
                .reads(404, "hello");
        add(
                        LLHTTP,
                        "103, then 200",
                        "RFC 9110, 15.2",
                        head("HTTP/1.1 103 Early Hints", "Link: </styles.css>; rel=preload")
                                + ok("Content-Length: 5", "hello"))
                .reads(200, "hello")
                .after(103);
    }

    /** Bytes after a response, which could be taken for the response to another caller's request. */
    private void surplus() {
        add(ATTACKS, "an answer for somebody else behind a length", PAIRS, ok("Content-Length: 5", "hello" + OTHER))
                .reads(200, "hello")
                .closed()
                .comesWhole();
        add(
                        ATTACKS,
                        "an answer for somebody else behind the last chunk",
                        PAIRS,
                        chunked("5\r\nhello\r\n0\r\n\r\n" + OTHER))
                .reads(200, "hello")
                .closed()
                .comesWhole();
        add(ATTACKS, "an answer for somebody else behind 304", PAIRS, head("HTTP/1.1 304 Not Modified", "") + OTHER)
                .reads(304, "")
                .closed()
                .comesWhole();
        add(ATTACKS, "HEAD and an answer for somebody else", PAIRS, ok("Content-Length: " + OTHER.length(), OTHER))
                .to("HEAD")
                .reads(200, "")
                .closed()
                .comesWhole();
        add(ATTACKS, "a single byte too many", PAIRS, ok("Content-Length: 5", "hello!"))
                .reads(200, "hello")
                .closed()
                .comesWhole();
        String switching = "HTTP/1.1 101 Switching Protocols";
        add(
                ATTACKS,
                "101 that nobody asked for",
                UPGRADE,
                head(switching, "Connection: upgrade\r\nUpgrade: websocket") + OTHER);
        add(
                ATTACKS,
                "101 of hixie-76 that nobody asked for",
                UPGRADE,
                head(
                                switching,
                                "Connection: upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Origin: x\r\n"
                                        + "Sec-WebSocket-Location: y")
                        + "0123456789abcdef");
        add(
                ATTACKS,
                "101 to HTTP/1.1 that nobody asked for",
                UPGRADE,
                head(switching, "Connection: upgrade\r\nUpgrade: HTTP/1.1") + OTHER);
    }

    /** Responses whose end two readers would see in different places. */
    private void ambiguous() {
        add(
                ATTACKS,
                "length and chunks",
                LENGTH,
                ok("Transfer-Encoding: chunked\r\nContent-Length: 5", "5\r\nhello\r\n0\r\n\r\n"));
        add(GO, "two lengths", LENGTH, ok("Content-Length: 5\r\nContent-Length: 6", "hello!"));
        add(ATTACKS, "chunks, then another encoding", "6.1", ok("Transfer-Encoding: chunked, gzip", OTHER));
        add(ATTACKS, "LF alone before a length", "2.2", ok("Foo: a\nContent-Length: 50\r\nContent-Length: 5", "hello"));
    }

    private void incomplete() {
        add(GO, "nothing", INCOMPLETE, "").closes();
        add(GO, "half a head", INCOMPLETE, "HTTP/1.1 301 Moved\r\nFoo: bar").closes();
        add(GO, "half a body", INCOMPLETE, ok("Content-Length: 123", "Short body, not 123 bytes."))
                .closes()
                .readsNothingWhole();
        add(H11, "half a chunk", INCOMPLETE, chunked("8\r\n012345")).closes().readsNothingWhole();
        add(LLHTTP, "no last chunk", INCOMPLETE, chunked("5\r\nhello\r\n"))
                .closes()
                .readsNothingWhole();
        add(H11, "chunks that end early, for a caller of HTTP/1.0", INCOMPLETE, chunked("5\r\nhello\r\n"))
                .toHttp10()
                .closes()
                .readsNothingWhole();
    }
}
