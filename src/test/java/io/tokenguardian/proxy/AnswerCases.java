package io.tokenguardian.proxy;

import static io.tokenguardian.proxy.Corpus.ATTACKS;
import static io.tokenguardian.proxy.Corpus.GO;
import static io.tokenguardian.proxy.Corpus.H11;
import static io.tokenguardian.proxy.Corpus.KUBERNETES;
import static io.tokenguardian.proxy.Corpus.LLHTTP;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * At least one case for each class of case in public tests of HTTP/1.1 clients, in our own bytes. Sections without an
 * RFC are sections of RFC 9112. If the RFC leaves a choice, either the stricter choice is expected or both are right.
 */
final class AnswerCases {

    private static final String BREAKS = "2.2";
    private static final String VERSION = "2.3; RFC 9110, 6.2";
    private static final String STATUS_LINE = "4";
    private static final String STATUS = "RFC 9110, 15";
    private static final String BEFORE_COLON = "5.1";
    private static final String FOLDED = "5.2";
    private static final String VALUES = "RFC 9110, 5.5";
    private static final String NAMES = "RFC 9110, 5.1";
    private static final String ENCODING = "6.1";
    private static final String LENGTH = "6.3";
    private static final String CHUNKS = "7.1";
    private static final String EXTENSIONS = "7.1.1";
    private static final String TRAILERS = "7.1.2; RFC 9110, 6.5";
    private static final String INCOMPLETE = "8";
    private static final String PAIRS = "9.2";
    private static final String PERSISTENCE = "9.3";
    private static final String HOP_BY_HOP = "RFC 9110, 7.6.1";
    private static final String INFORMATIONAL = "RFC 9110, 15.2";

    private static final String OTHER = "HTTP/1.1 200 OK\r\nX-Seen: GET /after\r\nContent-Length: 5\r\n\r\nother";

    private final List<AnswerCase> cases = new ArrayList<>();

    private AnswerCases() {}

    static List<AnswerCase> all() {
        AnswerCases table = new AnswerCases();
        table.lengths();
        table.chunks();
        table.untilTheEnd();
        table.withoutBody();
        table.versions();
        table.statusLines();
        table.fields();
        table.informational();
        table.surplus();
        table.persistence();
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

    private void lengths() {
        add(LLHTTP, "a length", LENGTH, ok("Content-Length: 5", "hello"))
                .reads(200, "hello")
                .with("content-length: 5");
        add(LLHTTP, "length 0", LENGTH, ok("Content-Length: 0", "")).reads(200, "");
        add(LLHTTP, "tabs around a length", LENGTH, ok("Content-Length:\t5\t", "hello"))
                .reads(200, "hello");
        add(LLHTTP, "spaces behind a length", LENGTH, ok("Content-Length:  5  ", "hello"))
                .reads(200, "hello");
        add(
                        LLHTTP,
                        "Content-Length-X is another field",
                        LENGTH,
                        ok("Content-Length-X: 0\r\nTransfer-Encoding: chunked", "2\r\nOK\r\n0\r\n\r\n"))
                .reads(200, "OK")
                .with("content-length-x: 0");
        add(GO, "zeros before a length", LENGTH, ok("Content-Length: 005", "hello"))
                .readsOr502(200, "hello");
        for (String length : List.of(
                "",
                "x",
                "+5",
                "-5",
                "5x",
                "0x5",
                "5, 6",
                "5;",
                "5 5",
                "1000000000000000000000",
                "9223372036854775808",
                "\u00b2")) {
            add(GO, "length '" + length + "'", LENGTH, ok("Content-Length: " + length, "hello"));
        }
        add(GO, "two lengths", LENGTH, ok("Content-Length: 5\r\nContent-Length: 6", "hello!"));
        add(
                        GO,
                        "two lengths of HTTP/1.0",
                        LENGTH,
                        head("HTTP/1.0 200 OK", "Content-Length: 5\r\nContent-Length: 6") + "hello!")
                .closes();
        add(GO, "two equal lengths", LENGTH, ok("Content-Length: 5\r\nContent-Length: 5", "hello"))
                .readsOr502(200, "hello")
                .with("content-length: 5");
        add(H11, "a list of equal lengths", LENGTH, ok("Content-Length: 5, 5", "hello"))
                .readsOr502(200, "hello")
                .with("content-length: 5");
        add(
                GO,
                "length and chunks",
                LENGTH,
                ok("Transfer-Encoding: chunked\r\nContent-Length: 5", "5\r\nhello\r\n0\r\n\r\n"));
        add(
                ATTACKS,
                "chunks and length, the other way round",
                LENGTH,
                ok("Content-Length: 50\r\nTransfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"));
        add(ATTACKS, "a length and a space", BEFORE_COLON, ok("Content-Length : 5", "hello"))
                .readsOr502(200, "hello");
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
        add(
                        KUBERNETES,
                        "an error of the server's own",
                        STATUS,
                        head("HTTP/1.1 500 Internal Server Error", "Content-Length: 9") + "some data")
                .reads(500, "some data");
        add(
                        GO,
                        "a part of the whole",
                        "RFC 9110, 15.3.7",
                        head("HTTP/1.1 206 Partial Content", "Content-Range: bytes 0-5/1862\r\nContent-Length: 6")
                                + "foobar")
                .reads(206, "foobar")
                .with("content-range: bytes 0-5/1862");
    }

    private void chunks() {
        add(LLHTTP, "chunks", CHUNKS, chunked("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"))
                .reads(200, "hello world");
        add(LLHTTP, "no chunk but the last", CHUNKS, chunked("0\r\n\r\n")).reads(200, "");
        add(LLHTTP, "spaces behind a size", CHUNKS, chunked("5  \r\nhello\r\n0  \r\n\r\n"))
                .readsNothingWhole();
        add(LLHTTP, "extensions", EXTENSIONS, chunked("5;a;b=c\r\nhello\r\n6;d;e\r\n world\r\n0\r\n\r\n"))
                .reads(200, "hello world");
        add(LLHTTP, "quoted extensions", EXTENSIONS, chunked("5;a=\"b; c\";d\r\nhello\r\n0\r\n\r\n"))
                .reads(200, "hello");
        add(LLHTTP, "a semicolon, no extension", EXTENSIONS, chunked("5;\r\nhello\r\n0\r\n\r\n"))
                .reads(200, "hello");
        add(
                        GO,
                        "sizes with zeros in front and in mixed case",
                        CHUNKS,
                        chunked("0a\r\n0123456789\r\n0B\r\n0123456789a\r\n000\r\n\r\n"))
                .reads(200, "01234567890123456789a");
        add(GO, "chunked in mixed case", ENCODING, ok("transfer-encoding: Chunked", "5\r\nhello\r\n0\r\n\r\n"))
                .reads(200, "hello");
        add(H11, "trailers", TRAILERS, chunked("5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-More:\r\n\r\n"))
                .reads(200, "hello")
                .withTrailers("x-sum: 1", "x-more: ");
        add(
                        ATTACKS,
                        "trailers that are framing",
                        TRAILERS,
                        chunked("5\r\nhello\r\n0\r\nContent-Length: 50\r\nTransfer-Encoding:"
                                + " chunked\r\nX-Sum: 1\r\n\r\n"))
                .reads(200, "hello")
                .withTrailers("x-sum: 1");
        add(
                        ATTACKS,
                        "trailers for the next hop",
                        TRAILERS,
                        chunked("5\r\nhello\r\n0\r\nConnection: close\r\nKeep-Alive: 5\r\nX-Sum: 1\r\n\r\n"))
                .reads(200, "hello")
                .withTrailers("x-sum: 1");
        add(GO, "chunks for a caller of HTTP/1.0", CHUNKS, chunked("5\r\nhello\r\n0\r\n\r\n"))
                .toHttp10()
                .reads(200, "hello");
        for (String size : List.of(
                "xyz", "+5", "-5", "0x5", "", ";a", "100000005", "10000000000000005", "9".repeat(100), "5\u0000;")) {
            add(
                            H11,
                            "size '" + (size.length() > 20 ? "too long" : size.replace("\u0000", "<00>")) + "'",
                            CHUNKS,
                            chunked(size + "\r\nhello\r\n0\r\n\r\n"))
                    .readsNothingWhole();
        }
        add(H11, "other bytes for a chunk's CR LF", CHUNKS, chunked("5\r\nhello__0\r\n\r\n"))
                .readsNothingWhole();
        add(H11, "CR and another byte for a chunk's CR LF", CHUNKS, chunked("5\r\nhello\r_0\r\n\r\n"))
                .readsNothingWhole();
        add(H11, "a chunk longer than announced", CHUNKS, chunked("5\r\nhello!\r\n0\r\n\r\n"))
                .readsNothingWhole();
        add(LLHTTP, "LF behind a size", CHUNKS, chunked("5\nhello\r\n0\r\n\r\n"))
                .readsNothingWhole();
        add(ATTACKS, "LF for a chunk's CR LF", CHUNKS, chunked("5\r\nhello\n0\r\n\r\n"))
                .readsNothingWhole();
        add(ATTACKS, "LF in an extension", EXTENSIONS, chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"))
                .readsNothingWhole();
        add(ATTACKS, "a trailer without a colon", TRAILERS, chunked("5\r\nhello\r\n0\r\nX-Sum\r\n\r\n"))
                .readsNothingWhole();
        add(ATTACKS, "a NUL in a trailer", VALUES, chunked("5\r\nhello\r\n0\r\nX-Sum: a\u0000b\r\n\r\n"))
                .readsNothingWhole();
        add(ATTACKS, "CR in a trailer", BREAKS, chunked("5\r\nhello\r\n0\r\nX-Sum: a\rX-Evil: b\r\n\r\n"))
                .readsNothingWhole();
        add(ATTACKS, "a space in a trailer's name", NAMES, chunked("5\r\nhello\r\n0\r\nX Sum: a\r\n\r\n"))
                .readsNothingWhole();
        add(ATTACKS, "a trailer without a name", NAMES, chunked("5\r\nhello\r\n0\r\n: a\r\n\r\n"))
                .readsNothingWhole();

        for (String encoding : List.of(
                "identity",
                "gzip",
                "chunked, deflate",
                "chunked, identity",
                "chunkedchunked",
                "xchunked",
                "",
                "chunked, chunked",
                "chunked;a=b",
                "\"chunked\"")) {
            add(
                            LLHTTP,
                            "encoding '" + encoding + "'",
                            ENCODING,
                            ok("Transfer-Encoding: " + encoding, "5\r\nhello\r\n0\r\n\r\n"))
                    .closes();
        }
        add(
                        LLHTTP,
                        "chunked, then identity on a line of its own",
                        ENCODING,
                        ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "World"))
                .closes();
        add(
                        ATTACKS,
                        "chunked twice, on two lines",
                        ENCODING,
                        ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"))
                .closes();
        add(
                        LLHTTP,
                        "a fold after chunked",
                        FOLDED,
                        ok("Transfer-Encoding: chunked\r\n  abc", "5\r\nWorld\r\n0\r\n\r\n"))
                .closes();
        add(
                        GO,
                        "an encoding of HTTP/1.0",
                        ENCODING,
                        head("HTTP/1.0 200 OK", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n")
                .closes();
        add(
                        GO,
                        "an unknown encoding of HTTP/1.0",
                        ENCODING,
                        head("HTTP/1.0 200 OK", "Transfer-Encoding: bogus") + "hello")
                .closes();
        add(
                        GO,
                        "an unknown encoding of HTTP/1.0 and a length",
                        ENCODING,
                        head("HTTP/1.0 200 OK", "Transfer-Encoding: bogus\r\nContent-Length: 5") + "hello")
                .closes();
    }

    private void untilTheEnd() {
        add(LLHTTP, "no length", LENGTH, ok("Content-Type: text/plain", "hello"))
                .closes()
                .reads(200, "hello")
                .closed()
                .with("content-type: text/plain");
        add(LLHTTP, "no length, close", LENGTH, ok("Connection: close", "hello"))
                .closes()
                .reads(200, "hello")
                .closed();
        add(LLHTTP, "no length and what looks like an answer", LENGTH, ok("", "HTTP/1.1 200 OK\r\n\r\n"))
                .closes()
                .reads(200, "HTTP/1.1 200 OK\r\n\r\n")
                .closed();
        add(LLHTTP, "no fields, no body", LENGTH, head("HTTP/1.1 404 Not Found", ""))
                .closes()
                .reads(404, "")
                .closed();
        add(
                        LLHTTP,
                        "keep-alive of HTTP/1.0, no length",
                        LENGTH,
                        head("HTTP/1.0 200 OK", "Connection: keep-alive") + "HTTP/1.0 200 OK")
                .closes()
                .reads(200, "HTTP/1.0 200 OK")
                .closed();
        add(GO, "HTTP/1.0, no length", VERSION, head("HTTP/1.0 200 OK", "Connection: close") + "Body here\n")
                .closes()
                .reads(200, "Body here\n")
                .closed();
        add(GO, "HTTP/1.0, no length, for a caller of HTTP/1.0", VERSION, head("HTTP/1.0 200 OK", "") + "hello")
                .toHttp10()
                .closes()
                .reads(200, "hello")
                .closed();
        add(GO, "no length, for a caller of HTTP/1.0", LENGTH, ok("", "hello"))
                .toHttp10()
                .closes()
                .reads(200, "hello")
                .closed();
        add(ATTACKS, "no length, and an end that TLS does not tell", "9.8", ok("", "hello"))
                .breaksOff()
                .readsNothingWhole();
        add(
                        ATTACKS,
                        "HTTP/1.0, no length, and an end that TLS does not tell",
                        "9.8",
                        head("HTTP/1.0 200 OK", "") + "hello")
                .breaksOff()
                .readsNothingWhole();
        add(ATTACKS, "an end that TLS does not tell, for a caller of HTTP/1.0", "9.8", ok("", "hello"))
                .toHttp10()
                .breaksOff()
                .readsNothingWhole();
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
        add(LLHTTP, "304 with an encoding", ENCODING, head("HTTP/1.1 304 Not Modified", "Transfer-Encoding: chunked"))
                .reads(304, "");
        add(H11, "204 with a length", "RFC 9110, 8.6", head("HTTP/1.1 204 No content", "Content-Length: 100"))
                .reads(204, "")
                .without("content-length");
        add(H11, "204 with length 0", "RFC 9110, 8.6", head("HTTP/1.1 204 No content", "Content-Length: 0"))
                .reads(204, "")
                .without("content-length");
        add(H11, "204 with an encoding", ENCODING, head("HTTP/1.1 204 No content", "Transfer-Encoding: chunked"))
                .reads(204, "")
                .without("transfer-encoding");
        add(
                        H11,
                        "204 with both",
                        ENCODING,
                        head("HTTP/1.1 204 No content", "Content-Length: 100\r\nTransfer-Encoding: chunked"))
                .readsOr502(204, "");
        add(
                        LLHTTP,
                        "204 with keep-alive of HTTP/1.0",
                        PERSISTENCE,
                        head("HTTP/1.0 204 No content", "Connection: keep-alive"))
                .reads(204, "")
                .either();
        add(LLHTTP, "204 of HTTP/1.0", PERSISTENCE, head("HTTP/1.0 204 No content", ""))
                .reads(204, "")
                .closed();
        add(LLHTTP, "204 with close", PERSISTENCE, head("HTTP/1.1 204 No content", "Connection: close"))
                .reads(204, "")
                .closed();
        add(GO, "204 with a body", LENGTH, head("HTTP/1.1 204 No Content", "") + "Body should not be read!\n")
                .reads(204, "")
                .closed()
                .comesWhole();
        add(
                        ATTACKS,
                        "204 with a length and a body",
                        LENGTH,
                        head("HTTP/1.1 204 No Content", "Content-Length: 5") + "hello")
                .reads(204, "")
                .closed()
                .comesWhole();
        add(
                        ATTACKS,
                        "304 with a length and a body",
                        LENGTH,
                        head("HTTP/1.1 304 Not Modified", "Content-Length: 5") + "hello")
                .reads(304, "")
                .closed()
                .comesWhole();
        add(ATTACKS, "205 with length 0", "RFC 9110, 15.3.6", head("HTTP/1.1 205 Reset Content", "Content-Length: 0"))
                .reads(205, "");
        add(
                        ATTACKS,
                        "205 without a length",
                        "RFC 9110, 15.3.6",
                        head("HTTP/1.1 205 Reset Content", "Connection: close"))
                .closes()
                .readsOr502(205, "")
                .closed();
        add(
                        ATTACKS,
                        "205 with chunks, none but the last",
                        "RFC 9110, 15.3.6",
                        head("HTTP/1.1 205 Reset Content", "Transfer-Encoding: chunked") + "0\r\n\r\n")
                .readsOr502(205, "");
        add(
                        ATTACKS,
                        "205 with a body",
                        "RFC 9110, 15.3.6",
                        head("HTTP/1.1 205 Reset Content", "Content-Length: 5") + "hello")
                .readsOr502(205, null);
        add(
                        ATTACKS,
                        "205 with chunks",
                        "RFC 9110, 15.3.6",
                        head("HTTP/1.1 205 Reset Content", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n")
                .readsOr502(205, null);

        add(GO, "HEAD and a length", LENGTH, ok("Content-Length: 256", ""))
                .to("HEAD")
                .reads(200, "")
                .with("content-length: 256");
        add(GO, "HEAD and chunks", LENGTH, chunked("")).to("HEAD").reads(200, "");
        add(GO, "HEAD and neither", LENGTH, ok("", "")).to("HEAD").reads(200, "");
        add(GO, "HEAD and both", LENGTH, ok("Content-Length: 256\r\nTransfer-Encoding: chunked", ""))
                .to("HEAD")
                .readsOr502(200, "");
        add(GO, "HEAD, HTTP/1.0 and a length", VERSION, head("HTTP/1.0 200 OK", "Content-Length: 256"))
                .to("HEAD")
                .reads(200, "")
                .closed();
        add(GO, "HEAD, HTTP/1.0 and none", VERSION, head("HTTP/1.0 200 OK", ""))
                .to("HEAD")
                .reads(200, "")
                .closed();
        add(GO, "HEAD and close", PERSISTENCE, ok("Content-Length: 256\r\nConnection: keep-alive, close", ""))
                .to("HEAD")
                .reads(200, "")
                .closed();
        add(GO, "HEAD of a caller of HTTP/1.0", LENGTH, ok("Content-Length: 256", ""))
                .to("HEAD")
                .toHttp10()
                .reads(200, "");
        add(ATTACKS, "HEAD and a body all the same", LENGTH, ok("Content-Length: 5", "hello"))
                .to("HEAD")
                .reads(200, "")
                .closed()
                .comesWhole();
        add(ATTACKS, "HEAD and an answer for somebody else", PAIRS, ok("Content-Length: " + OTHER.length(), OTHER))
                .to("HEAD")
                .reads(200, "")
                .closed()
                .comesWhole();
        add(ATTACKS, "HEAD and a last chunk", LENGTH, chunked("0\r\n\r\n"))
                .to("HEAD")
                .reads(200, "")
                .closed()
                .comesWhole();
    }

    private void versions() {
        add(
                        GO,
                        "HTTP/1.0 and a length",
                        VERSION,
                        head("HTTP/1.0 200 OK", "Content-Length: 5\r\nConnection: close") + "hello")
                .reads(200, "hello")
                .closed();
        add(
                        GO,
                        "HTTP/1.0, a length and nothing of the connection",
                        PERSISTENCE,
                        head("HTTP/1.0 200 OK", "Content-Length: 5") + "hello")
                .reads(200, "hello")
                .closed();
        add(
                        LLHTTP,
                        "keep-alive of HTTP/1.0 and a length",
                        PERSISTENCE,
                        head("HTTP/1.0 200 OK", "Connection: keep-alive\r\nContent-Length: 5") + "hello")
                .reads(200, "hello")
                .either();
        add(LLHTTP, "HTTP/1.2", "RFC 9110, 2.5", head("HTTP/1.2 200 OK", "Content-Length: 5") + "hello")
                .readsOr502(200, "hello");
        for (String version : List.of(
                "HTTP/0.9",
                "HTTP/2.0",
                "HTTP/5.6",
                "HTTP/01.1",
                "HTTP/11.1",
                "HTTP/1.01",
                "HTTP/1.10",
                "HTTP/1.100000000002",
                "HTTP/1.-1",
                "HTTP/A.B",
                "HTTP/1",
                "HTTP/",
                "http/1.1",
                "HTP/1.1",
                "HTTPER/1.1",
                "RTSP/1.1",
                "ICE/1.1")) {
            add(LLHTTP, version, VERSION, head(version + " 200 OK", "Content-Length: 5") + "hello");
        }
    }

    private void statusLines() {
        add(LLHTTP, "no reason", STATUS_LINE, head("HTTP/1.1 200 ", "Content-Length: 5") + "hello")
                .reads(200, "hello");
        add(LLHTTP, "no space and no reason", STATUS_LINE, head("HTTP/1.1 200", "Content-Length: 5") + "hello")
                .readsOr502(200, "hello");
        add(
                        LLHTTP,
                        "a reason beyond ASCII",
                        STATUS_LINE,
                        head("HTTP/1.1 500 Ori\u00ebntatieprobleem", "Content-Length: 5") + "hello")
                .reads(500, "hello");
        add(GO, "a reason with tabs", STATUS_LINE, head("HTTP/1.1 200 O\tK", "Content-Length: 5") + "hello")
                .reads(200, "hello")
                .either();
        for (String status : List.of(
                "2",
                "20",
                "2000",
                "0",
                "000",
                "00",
                "099",
                "99",
                "1000",
                "-10",
                "-200",
                "+200",
                "20X",
                "abc",
                "0x12d",
                "c8",
                "",
                " 200",
                "2 00",
                "\u00b2\u00b2\u00b2")) {
            add(
                    GO,
                    "status '" + status + "'",
                    STATUS,
                    head("HTTP/1.1 " + status + " OK", "Content-Length: 5") + "hello");
        }
        add(KUBERNETES, "a status that has no name", STATUS, head("HTTP/1.1 567 ", "Content-Length: 5") + "hello")
                .reads(567, "hello");
        add(GO, "status 599", STATUS, head("HTTP/1.1 599 Done", "Content-Length: 5") + "hello")
                .reads(599, "hello");
        add(GO, "status 600", STATUS, head("HTTP/1.1 600 Done", "Content-Length: 5") + "hello")
                .readsOr502(600, "hello");
        add(GO, "status 999", STATUS, head("HTTP/1.1 999 Done", "Content-Length: 5") + "hello")
                .readsOr502(999, "hello");
        add(LLHTTP, "a tab behind the version", STATUS_LINE, head("HTTP/1.1\t200 OK", "Content-Length: 5") + "hello");
        add(
                LLHTTP,
                "two spaces behind the version",
                STATUS_LINE,
                head("HTTP/1.1  200 OK", "Content-Length: 5") + "hello");
        add(
                        LLHTTP,
                        "two spaces before the reason",
                        STATUS_LINE,
                        head("HTTP/1.1 200  OK", "Content-Length: 5") + "hello")
                .readsOr502(200, "hello");
        add(H11, "a NUL in the reason", STATUS_LINE, head("HTTP/1.1 200 OK\u0000xxxx", "Content-Length: 5") + "hello");
        add(
                ATTACKS,
                "a control character in the reason",
                STATUS_LINE,
                head("HTTP/1.1 200 O\u0001K", "Content-Length: 5") + "hello");
        add(
                LLHTTP,
                "CR in the status line",
                BREAKS,
                head("HTTP/1.1 200 OK\rContent-Length: 0", "Content-Length: 5") + "hello");
        add(LLHTTP, "CR twice behind the status line", BREAKS, "HTTP/1.1 200 OK\r\rContent-Length: 4\r\n\r\nEvil");
        add(LLHTTP, "no space", STATUS_LINE, head("HTTP/1.1", "Content-Length: 5") + "hello");
        add(LLHTTP, "an empty line before", BREAKS, "\r\n" + ok("Content-Length: 5", "hello"))
                .readsOr502(200, "hello");
        add(ATTACKS, "spaces before", STATUS_LINE, "  " + ok("Content-Length: 5", "hello"))
                .readsOr502(200, "hello");
        add(H11, "a NUL before", STATUS_LINE, "\u0000" + ok("Content-Length: 5", "hello"))
                .readsOr502(200, "hello");
        add(H11, "the start of TLS", STATUS_LINE, "\u0016\u0003\u0003\u00001\r\n\r\n");
        add(H11, "what is no answer", STATUS_LINE, "gibberish\r\n\r\n");
        add(H11, "a request", STATUS_LINE, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        add(
                ATTACKS,
                "a status line beyond all measure",
                STATUS_LINE,
                head("HTTP/1.1 200 " + "x".repeat(20_000), "Content-Length: 5") + "hello");
        add(ATTACKS, "a body without a head (HTTP/0.9)", STATUS_LINE, "<html>hello</html>\r\n")
                .closes();
    }

    private void fields() {
        add(
                        LLHTTP,
                        "an underscore in a name",
                        NAMES,
                        ok("DCLK_imp: v7;x;~okv=;dcmt=text/xml;;~cs=o\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .with("dclk_imp: v7;x;~okv=;dcmt=text/xml;;~cs=o");
        add(
                        LLHTTP,
                        "a name with signs",
                        NAMES,
                        ok("X-$PrototypeBI-Version: 1.6\r\n.et-Cookie: x\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .with("x-$prototypebi-version: 1.6")
                .with(".et-cookie: x");
        add(
                        LLHTTP,
                        "an empty value before another field",
                        VALUES,
                        ok("Pragma: \r\nLocation: /x\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .with("pragma: ")
                .with("location: /x");
        add(H11, "tabs and spaces for a value", VALUES, ok("Foo: \t \t \r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .with("foo: ");
        add(H11, "single characters", VALUES, ok("Foo: a a a a a \r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .with("foo: a a a a a");
        add(
                        ATTACKS,
                        "bytes beyond ASCII in a value",
                        VALUES,
                        ok("Foo: D\u00c3\u00bc\u00ff\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .with("foo: D\u00c3\u00bc\u00ff");
        add(
                        GO,
                        "two fields of one name, in their order",
                        "RFC 9110, 5.3",
                        ok("Set-Cookie: b=2\r\nSet-Cookie: a=1\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .with("set-cookie: b=2")
                .with("set-cookie: a=1");
        add(LLHTTP, "spaces in a name", NAMES, ok("en-US Content-Type: text/xml\r\nContent-Length: 5", "hello"));
        add(GO, "no name", NAMES, ok(": x\r\nContent-Length: 5", "hello"));
        add(GO, "no colon", "5", ok("Foo\r\nContent-Length: 5", "hello"));
        add(GO, "a byte beyond ASCII in a name", NAMES, ok("Fo\u00ff: x\r\nContent-Length: 5", "hello"));
        add(GO, "a NUL in a name", NAMES, ok("Fo\u0000o: x\r\nContent-Length: 5", "hello"));
        add(GO, "an at sign in a name", NAMES, ok("Fo@: x\r\nContent-Length: 5", "hello"));
        add(GO, "a space before the colon", BEFORE_COLON, ok("Foo : x\r\nContent-Length: 5", "hello"))
                .readsOr502(200, "hello")
                .with("foo: x");
        add(GO, "a tab before the colon", BEFORE_COLON, ok("Foo\t: x\r\nContent-Length: 5", "hello"))
                .readsOr502(200, "hello")
                .with("foo: x");
        add(
                LLHTTP,
                "a space before the first field",
                "2.2",
                "HTTP/1.1 200 OK\r\n Host: foo\r\nContent-Length: 5\r\n\r\nhello");
        add(LLHTTP, "a folded value", FOLDED, ok("Foo: a\r\n b\r\nContent-Length: 5", "hello"))
                .readsOr502(200, "hello")
                .with("foo: a b");
        add(ATTACKS, "a folded length", FOLDED, ok("Content-Length:\r\n 5", "hello"))
                .readsOr502(200, "hello");
        add(LLHTTP, "CR between fields", BREAKS, ok("Foo: 1\rBar: 2\r\nContent-Length: 5", "hello"));
        add(H11, "CR in a value", BREAKS, ok("Foo: a\rb\r\nContent-Length: 5", "hello"));
        add(H11, "CR before the line end", BREAKS, ok("Foo: a\r\r\nContent-Length: 5", "hello"));
        for (char c : new char[] {'\u0000', '\u0001', '\u000b', '\f', '\u001f', '\u007f'}) {
            add(
                    H11,
                    String.format("byte %02x in a value", (int) c),
                    VALUES,
                    ok("Foo: a" + c + "b\r\nContent-Length: 5", "hello"));
        }
        add(LLHTTP, "LF alone everywhere", BREAKS, "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello")
                .readsOr502(200, "hello");
        add(H11, "LF alone here and there", BREAKS, "HTTP/1.1 200 OK\r\nFoo: a\nContent-Length: 5\n\r\nhello")
                .readsOr502(200, "hello");
        add(
                ATTACKS,
                "LF alone before a second length",
                BREAKS,
                ok("Foo: a\nContent-Length: 50\r\nContent-Length: 5", "hello"));
        add(
                ATTACKS,
                "a head beyond all measure",
                "RFC 9110, 5.4",
                ok("Foo: " + "x".repeat(2_000_000) + "\r\nContent-Length: 5", "hello"));
        add(
                        ATTACKS,
                        "fields for the next hop",
                        HOP_BY_HOP,
                        ok(
                                "Connection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\n"
                                        + "Proxy-Connection: keep-alive\r\nUpgrade: h2c\r\nContent-Length: 5",
                                "hello"))
                .reads(200, "hello")
                .without("connection")
                .without("x-secret")
                .without("keep-alive")
                .without("proxy-connection")
                .without("upgrade");
        add(
                        ATTACKS,
                        "Connection names the length",
                        HOP_BY_HOP,
                        ok("Connection: Content-Length\r\nContent-Length: 5", "hello"))
                .readsOr502(200, "hello");
        add(
                        ATTACKS,
                        "Connection names the encoding",
                        HOP_BY_HOP,
                        ok("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"))
                .readsOr502(200, "hello");
        add(
                        LLHTTP,
                        "200 with an Upgrade",
                        "RFC 9110, 7.8",
                        ok("Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 4", "body"))
                .reads(200, "body")
                .without("upgrade");
    }

    private void informational() {
        add(
                        LLHTTP,
                        "100, then 404",
                        INFORMATIONAL,
                        "HTTP/1.1 100 Continue\r\n\r\n" + head("HTTP/1.1 404 Not Found", "Content-Length: 5") + "hello")
                .reads(404, "hello");
        add(
                        LLHTTP,
                        "103, then 200",
                        INFORMATIONAL,
                        head("HTTP/1.1 103 Early Hints", "Link: </styles.css>; rel=preload")
                                + ok("Content-Length: 5", "hello"))
                .reads(200, "hello")
                .after(103);
        add(
                        H11,
                        "102, 103 and 199",
                        INFORMATIONAL,
                        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 \r\n\r\nHTTP/1.1 199 x\r\n\r\n"
                                + ok("Content-Length: 5", "hello"))
                .reads(200, "hello")
                .after(102, 103, 199);
        add(
                        H11,
                        "103 for a caller of HTTP/1.0",
                        INFORMATIONAL,
                        "HTTP/1.1 103 Early Hints\r\n\r\n" + ok("Content-Length: 5", "hello"))
                .toHttp10()
                .reads(200, "hello");
        add(
                        H11,
                        "103 before an answer to HEAD",
                        INFORMATIONAL,
                        "HTTP/1.1 103 Early Hints\r\n\r\n" + ok("Content-Length: 5", ""))
                .to("HEAD")
                .reads(200, "")
                .after(103);
        add(
                        H11,
                        "103 before 204",
                        INFORMATIONAL,
                        "HTTP/1.1 103 Early Hints\r\n\r\n" + head("HTTP/1.1 204 No Content", ""))
                .reads(204, "")
                .after(103);
        add(
                        ATTACKS,
                        "a flood of 100",
                        INFORMATIONAL,
                        "HTTP/1.1 100 Continue\r\n\r\n".repeat(100) + ok("Content-Length: 5", "hello"))
                .reads(200, "hello");
        add(
                        ATTACKS,
                        "a flood of 103",
                        INFORMATIONAL,
                        "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100) + ok("Content-Length: 5", "hello"))
                .reads(200, "hello")
                .after(Collections.nCopies(100, 103).toArray(new Integer[0]));
        add(ATTACKS, "103 of HTTP/1.0", VERSION, "HTTP/1.0 103 Early Hints\r\n\r\n" + ok("Content-Length: 5", "hello"))
                .readsOr502(200, "hello")
                .after(103);
        add(
                        ATTACKS,
                        "103 with a length",
                        INFORMATIONAL,
                        head("HTTP/1.1 103 Early Hints", "Content-Length: 5") + ok("Content-Length: 5", "hello"))
                .readsOr502(200, "hello")
                .after(103);
        add(
                        ATTACKS,
                        "103 with chunks",
                        INFORMATIONAL,
                        head("HTTP/1.1 103 Early Hints", "Transfer-Encoding: chunked")
                                + ok("Content-Length: 5", "hello"))
                .readsOr502(200, "hello")
                .after(103);
        add(
                ATTACKS,
                "103 with a body",
                INFORMATIONAL,
                head("HTTP/1.1 103 Early Hints", "Content-Length: 5") + "hello" + ok("Content-Length: 5", "hello"));
        add(
                ATTACKS,
                "103 that is malformed",
                VALUES,
                head("HTTP/1.1 103 Early Hints", "Foo: a\u0000b") + ok("Content-Length: 5", "hello"));
        add(
                ATTACKS,
                "101 that nobody asked for",
                "RFC 9110, 7.8",
                head("HTTP/1.1 101 Switching Protocols", "Connection: upgrade\r\nUpgrade: websocket") + "raw bytes");
        add(
                        ATTACKS,
                        "101 that nobody asked for, to HEAD",
                        "RFC 9110, 7.8",
                        head("HTTP/1.1 101 Switching Protocols", "Connection: upgrade\r\nUpgrade: websocket")
                                + "raw bytes")
                .to("HEAD");
        add(
                ATTACKS,
                "101 of hixie-76 that nobody asked for",
                "RFC 9110, 7.8",
                head(
                                "HTTP/1.1 101 WebSocket Protocol Handshake",
                                "Connection: upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Origin: x\r\n"
                                        + "Sec-WebSocket-Location: y")
                        + "0123456789abcdef");
        add(
                        ATTACKS,
                        "fields of hixie-76 in 200",
                        LENGTH,
                        ok("Sec-WebSocket-Origin: x\r\nSec-WebSocket-Location: y", "0123456789abcdefhello"))
                .closes()
                .reads(200, "0123456789abcdefhello")
                .closed();
    }

    private void surplus() {
        for (String surplus : List.of(
                "x",
                "garbage\r\n\r\n",
                "HTTP/1.1 200",
                "\r\n",
                " ",
                OTHER,
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\n\r\n",
                "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")) {
            String what =
                    surplus.equals(OTHER) ? "an answer for somebody else" : "'" + surplus.replace("\r\n", "|") + "'";
            add(ATTACKS, what + " behind a length", PAIRS, ok("Content-Length: 5", "hello" + surplus))
                    .reads(200, "hello")
                    .closed()
                    .comesWhole();
            add(ATTACKS, what + " behind the last chunk", PAIRS, chunked("5\r\nhello\r\n0\r\n\r\n" + surplus))
                    .reads(200, "hello")
                    .closed()
                    .comesWhole();
            add(ATTACKS, what + " behind 304", PAIRS, head("HTTP/1.1 304 Not Modified", "") + surplus)
                    .reads(304, "")
                    .closed()
                    .comesWhole();
        }
        add(
                        LLHTTP,
                        "a second and a third answer",
                        PAIRS,
                        ok("Content-Length: 3", "AAA")
                                + ok("Content-Length: 4", "BBBB")
                                + ok("Content-Length: 5", "CCCCC"))
                .reads(200, "AAA")
                .closed()
                .comesWhole();
        add(
                        LLHTTP,
                        "bytes behind an answer with close",
                        "9.6",
                        ok("Content-Length: 5\r\nConnection: close", "2ad731e3-4dcd"))
                .reads(200, "2ad73")
                .closed();
        add(
                        LLHTTP,
                        "an answer behind 204 with close",
                        "9.6",
                        head("HTTP/1.1 204 No content", "Connection: close") + OTHER)
                .reads(204, "")
                .closed();
        add(ATTACKS, "a body longer than its length, then the end", PAIRS, ok("Content-Length: 5", "hello world"))
                .closes()
                .reads(200, "hello")
                .closed();
        add(ATTACKS, "surplus of 70,000 bytes", PAIRS, ok("Content-Length: 5", "hello" + "x".repeat(70_000)))
                .reads(200, "hello")
                .closed()
                .comesWhole();
    }

    private void persistence() {
        add(
                        LLHTTP,
                        "Proxy-Connection is no option",
                        HOP_BY_HOP,
                        ok("Proxy-Connection: close\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .without("proxy-connection");
        add(LLHTTP, "close", "9.6", ok("Connection: close\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .closed();
        add(GO, "keep-alive and close", "9.6", ok("Connection: keep-alive, close\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .closed();
        add(
                        GO,
                        "keep-alive and close on two lines",
                        "9.6",
                        ok("Connection: keep-alive\r\nConnection: close\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .closed();
        add(
                        H11,
                        "close in mixed case among others",
                        "9.6",
                        ok("Connection: a, b, cLOse, foo\r\nContent-Length: 5", "hello"))
                .reads(200, "hello")
                .closed();
        add(GO, "a length, then the end", INCOMPLETE, ok("Content-Length: 5", "hello"))
                .closes()
                .reads(200, "hello")
                .closed();
        add(GO, "chunks, then the end", INCOMPLETE, chunked("5\r\nhello\r\n0\r\n\r\n"))
                .closes()
                .reads(200, "hello")
                .closed();
        add(GO, "a length, then an end that TLS does not tell", "9.8", ok("Content-Length: 5", "hello"))
                .breaksOff()
                .reads(200, "hello")
                .closed();
        add(GO, "chunks, then an end that TLS does not tell", "9.8", chunked("5\r\nhello\r\n0\r\n\r\n"))
                .breaksOff()
                .reads(200, "hello")
                .closed();
    }

    private void incomplete() {
        add(GO, "nothing", INCOMPLETE, "").closes();
        add(GO, "half a status line", INCOMPLETE, "HTTP/1.1 2").closes();
        add(GO, "half a head", INCOMPLETE, "HTTP/1.1 301 Moved\r\nFoo: bar").closes();
        add(GO, "a head without its empty line", INCOMPLETE, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")
                .closes();
        add(H11, "an empty line", INCOMPLETE, "\r\n").closes();
        add(LLHTTP, "no body", INCOMPLETE, ok("Content-Length: 123", ""))
                .closes()
                .readsNothingWhole();
        add(GO, "half a body", INCOMPLETE, ok("Content-Length: 123", "Short body, not 123 bytes."))
                .closes()
                .readsNothingWhole();
        add(GO, "half a body for a caller of HTTP/1.0", INCOMPLETE, ok("Content-Length: 123", "Short body"))
                .toHttp10()
                .closes()
                .readsNothingWhole();
        add(H11, "half a chunk", INCOMPLETE, chunked("8\r\n012345")).closes().readsNothingWhole();
        add(H11, "half a size", INCOMPLETE, chunked("5\r\nhello\r\n1")).closes().readsNothingWhole();
        add(H11, "a chunk without its CR LF", INCOMPLETE, chunked("5\r\nhello"))
                .closes()
                .readsNothingWhole();
        add(LLHTTP, "no last chunk", INCOMPLETE, chunked("5\r\nhello\r\n"))
                .closes()
                .readsNothingWhole();
        add(H11, "a last chunk without its CR LF", INCOMPLETE, chunked("5\r\nhello\r\n0"))
                .closes()
                .readsNothingWhole();
        add(GO, "no trailers' end", INCOMPLETE, chunked("5\r\nhello\r\n0\r\n"))
                .closes()
                .readsNothingWhole();
        add(GO, "half a trailer", INCOMPLETE, chunked("5\r\nhello\r\n0\r\nX-Sum: 1"))
                .closes()
                .readsNothingWhole();
        add(H11, "chunks that end early, for a caller of HTTP/1.0", INCOMPLETE, chunked("5\r\nhello\r\n"))
                .toHttp10()
                .closes()
                .readsNothingWhole();
        add(ATTACKS, "half a body, and an end that TLS does not tell", INCOMPLETE, ok("Content-Length: 123", "Short"))
                .breaksOff()
                .readsNothingWhole();
        add(ATTACKS, "100 and the end", INCOMPLETE, "HTTP/1.1 100 Continue\r\n\r\n")
                .closes();
        add(ATTACKS, "103 and the end", INCOMPLETE, "HTTP/1.1 103 Early Hints\r\n\r\n")
                .closes()
                .after(103);
    }
}
