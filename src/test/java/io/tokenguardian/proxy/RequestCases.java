package io.tokenguardian.proxy;

import static io.tokenguardian.proxy.Corpus.ATTACKS;
import static io.tokenguardian.proxy.Corpus.GO;
import static io.tokenguardian.proxy.Corpus.H11;
import static io.tokenguardian.proxy.Corpus.KUBERNETES;
import static io.tokenguardian.proxy.Corpus.LLHTTP;
import static io.tokenguardian.proxy.RequestCase.request;

import io.tokenguardian.proxy.RequestCase.LetIn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * At least one case for each class of case in public tests of HTTP/1.1 servers, in our own bytes. Sections without an
 * RFC are sections of RFC 9112. If the RFC leaves a choice, the stricter choice is expected, or the choice in
 * docs/decisions/http.md.
 */
final class RequestCases {

    private static final String BREAKS = "2.2";
    private static final String REQUEST_LINE = "3";
    private static final String TARGET = "3.2";
    private static final String HOST = "3.2, Host";
    private static final String FIELDS = "5";
    private static final String BEFORE_COLON = "5.1";
    private static final String FOLDED = "5.2";
    private static final String VALUES = "RFC 9110, 5.5";
    private static final String NAMES = "RFC 9110, 5.1";
    private static final String ENCODING = "6.1";
    private static final String LENGTH = "6.3";
    private static final String LENGTH_VALUE = "RFC 9110, 8.6";
    private static final String CHUNKS = "7.1";
    private static final String EXTENSIONS = "7.1.1, docs/decisions/http.md";
    private static final String TRAILERS = "7.1.2; RFC 9110, 6.5";
    private static final String INCOMPLETE = "8";
    private static final String PERSISTENCE = "9.3";
    private static final String PIPELINING = "9.3.2";
    private static final String TEAR_DOWN = "9.6";
    private static final String HOP_BY_HOP = "RFC 9110, 7.6.1";
    private static final String UPGRADE = "RFC 9110, 7.8";
    private static final String METHODS = "RFC 9110, 9.1";
    private static final String EXPECT = "RFC 9110, 10.1.1";
    private static final String VERSION = "2.3";

    private static final LetIn A = request("GET", "/a");
    private static final LetIn B = request("GET", "/b");
    private static final LetIn HELLO = request("POST", "/a", "hello");
    private static final String GET_B = "GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String KEYS =
            "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: 12998 5 Y3 1  .P00";

    private final List<RequestCase> cases = new ArrayList<>();

    private RequestCases() {}

    static List<RequestCase> all() {
        RequestCases table = new RequestCases();
        table.connection();
        table.lengths();
        table.encodings();
        table.chunks();
        table.trailers();
        table.lines();
        table.requestLines();
        table.hosts();
        table.fields();
        table.pipelines();
        table.expectations();
        table.upgrades();
        table.incomplete();
        table.proxying();
        return List.copyOf(table.cases);
    }

    private RequestCase add(Corpus corpus, String name, String rule, String bytes) {
        RequestCase added = new RequestCase(corpus, name, rule).sends(bytes);
        cases.add(added);
        return added;
    }

    // Requests. Fields are lines without the last line break

    private static String head(String requestLine, String fields) {
        return requestLine + "\r\nHost: localhost\r\n" + fields + (fields.isEmpty() ? "" : "\r\n") + "\r\n";
    }

    private static String get(String fields) {
        return head("GET /a HTTP/1.1", fields);
    }

    private static String post(String fields, String body) {
        return head("POST /a HTTP/1.1", fields) + body;
    }

    private static String chunked(String body) {
        return post("Transfer-Encoding: chunked", body);
    }

    private void connection() {
        add(LLHTTP, "keep-alive, said", PERSISTENCE, get("Connection: keep-alive"))
                .letsIn(A.without("connection"));
        add(LLHTTP, "two with keep-alive", PERSISTENCE, get("Connection: keep-alive") + get("Connection: keep-alive"))
                .letsIn(A, A);
        add(LLHTTP, "HTTP/1.0 ends after one", PERSISTENCE, head("GET /a HTTP/1.0", "") + GET_B)
                .letsIn(A)
                .ends();
        add(
                        LLHTTP,
                        "HTTP/1.0 with keep-alive goes on",
                        PERSISTENCE,
                        head("PUT /a HTTP/1.0", "Connection: keep-alive\r\nContent-Length: 0")
                                + chunked("5\r\nhello\r\n0\r\n\r\n"))
                .letsIn(request("PUT", "/a"), HELLO);
        add(LLHTTP, "CR for the hyphen in keep-alive", BREAKS, get("Connection: keep\ralive"))
                .refuses(400);
        add(LLHTTP, "close, and a request behind it", TEAR_DOWN, get("Connection: close") + GET_B)
                .letsIn(A)
                .ends();
        add(LLHTTP, "close and a tab, and a request behind it", TEAR_DOWN, get("Connection: close\t") + GET_B)
                .letsIn(A)
                .ends();
        add(
                        LLHTTP,
                        "close after a body, and a request behind it",
                        TEAR_DOWN,
                        post("Content-Length: 5\r\nConnection: close", "hello") + "\r\n" + GET_B)
                .letsIn(HELLO)
                .ends();
        add(
                        LLHTTP,
                        "close among other options, keep-alive too",
                        TEAR_DOWN,
                        get("Connection: close, token, upgrade, token, keep-alive") + GET_B)
                .letsIn(A.without("connection"))
                .ends();
        add(H11, "close in mixed case among others", TEAR_DOWN, get("Connection: a, b, cLOse, foo") + GET_B)
                .letsIn(A)
                .ends();
        add(GO, "close on a line of its own", TEAR_DOWN, get("Connection: keep-alive\r\nConnection: close") + GET_B)
                .letsIn(A)
                .ends();
        add(LLHTTP, "a folded Connection", FOLDED, get("Connection: Something,\r\n Upgrade, ,Keep-Alive"))
                .refuses(400);
        add(LLHTTP, "Connection and a space", BEFORE_COLON, post("Connection : upgrade\r\nContent-Length: 5", "hello"))
                .refuses(400);
        add(LLHTTP, "Proxy-Connection is no option", HOP_BY_HOP, get("Proxy-Connection: close"))
                .letsIn(A.without("proxy-connection"));
        add(
                        ATTACKS,
                        "Connection names a field",
                        HOP_BY_HOP,
                        get("Connection: X-Secret, close\r\nX-Secret: 1\r\nX-Kept: 2"))
                .letsIn(A.without("x-secret").with("x-kept: 2"))
                .ends();
        add(
                        ATTACKS,
                        "Connection names the length",
                        HOP_BY_HOP,
                        post("Connection: Content-Length\r\nContent-Length: 5", "hello"))
                .refuses(400);
        add(
                        ATTACKS,
                        "Connection names the encoding",
                        HOP_BY_HOP,
                        post(
                                "Connection: close, transfer-encoding\r\nTransfer-Encoding: chunked",
                                "5\r\nhello\r\n0\r\n\r\n"))
                .refuses(400);
        add(ATTACKS, "Connection names Host", HOP_BY_HOP, get("Connection: Host"))
                .refuses(400);
        add(ATTACKS, "Connection names Authorization", HOP_BY_HOP, get("Connection: authorization"))
                .refuses(400);
        add(ATTACKS, "TE and Keep-Alive are for the next hop alone", HOP_BY_HOP, get("TE: trailers\r\nKeep-Alive: 300"))
                .letsIn(A.without("te").without("keep-alive"));
    }

    private void lengths() {
        add(LLHTTP, "a length with zeros in front", LENGTH_VALUE, post("Content-Length: 005", "hello"))
                .letsIn(HELLO);
        add(LLHTTP, "a length, then another field", LENGTH, post("Content-Length: 005\r\nOhai: world", "hello"))
                .letsIn(HELLO.with("ohai: world"));
        add(LLHTTP, "a length of 22 digits", LENGTH, post("Content-Length: 1000000000000000000000", ""))
                .refuses(400);
        add(LLHTTP, "two lengths", LENGTH, post("Content-Length: 1\r\nContent-Length: 2", "ab"))
                .refuses(400);
        add(LLHTTP, "length and identity", LENGTH, post("Content-Length: 1\r\nTransfer-Encoding: identity", "a"))
                .refuses(400);
        add(LLHTTP, "Content-Length and a space", BEFORE_COLON, post("Content-Length : 5", "hello"))
                .refuses(400);
        add(
                        LLHTTP,
                        "a length in mixed case, of an old GET",
                        LENGTH,
                        head("GET /a HTTP/1.0", "conTENT-Length: 5") + "HELLO")
                .letsIn(request("GET", "/a", "HELLO"))
                .ends();
        add(LLHTTP, "spaces around a length", FIELDS, post("Content-Length:   5  ", "hello"))
                .letsIn(HELLO);
        add(LLHTTP, "tabs around a length", FIELDS, post("Content-Length:\t5\t ", "hello"))
                .letsIn(HELLO);
        add(LLHTTP, "a space in a length", LENGTH_VALUE, post("Content-Length: 4 2", "hello"))
                .refuses(400);
        add(LLHTTP, "an empty length", LENGTH_VALUE, post("Content-Length:", ""))
                .refuses(400);
        add(LLHTTP, "CR for the hyphen of the name", BREAKS, post("Content\rLength: 5", "hello"))
                .refuses(400);
        add(
                        LLHTTP,
                        "CR for the empty line",
                        BREAKS,
                        "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\rabc")
                .refuses(400);
        add(GO, "a length with a plus", LENGTH_VALUE, post("Content-Length: +5", "hello"))
                .refuses(400);
        add(GO, "a negative length", LENGTH_VALUE, post("Content-Length: -5", "hello"))
                .refuses(400);
        add(
                        GO,
                        "a length that is no number, with chunks",
                        LENGTH,
                        post("Content-Length: notdigits\r\nTransfer-Encoding: chunked", "0\r\n\r\n"))
                .refuses(400);
        add(GO, "a length that is no number", LENGTH_VALUE, get("Content-Length: notdigits"))
                .refuses(400);
        add(GO, "a length one beyond 63 bits", LENGTH, post("Content-Length: 9223372036854775808", ""))
                .refuses(400);
        add(GO, "a length of 18 digits", LENGTH, post("Content-Length: 999999999999999999", "hello"))
                .callerLeaves();
        add(
                        GO,
                        "three equal lengths",
                        LENGTH,
                        post("Content-Length: 5 \r\nContent-Length: 5\r\nContent-Length:5", "hello"))
                .refuses(400);
        add(
                        GO,
                        "HEAD with two lengths",
                        LENGTH,
                        head("HEAD /a HTTP/1.1", "Content-Length: 4\r\nContent-Length: 5") + "1234")
                .refuses(400);
        add(
                        GO,
                        "HEAD with length 0 and close",
                        LENGTH,
                        head("HEAD /a HTTP/1.1", "Connection: close\r\nContent-Length: 0"))
                .letsIn(request("HEAD", "/a"))
                .ends();
        add(H11, "a list of equal lengths", LENGTH, post("Content-Length: 5 , 5", "hello"))
                .refuses(400);
        add(H11, "a list of lengths", LENGTH, post("Content-Length: 5, 5,6", "hello!"))
                .refuses(400);
        add(H11, "a length with a letter", LENGTH_VALUE, post("Content-Length: 5x", "hello"))
                .refuses(400);
        add(ATTACKS, "a hexadecimal length", LENGTH_VALUE, post("Content-Length: 0x5", "hello"))
                .refuses(400);
        add(ATTACKS, "digits that are not ASCII", LENGTH_VALUE, post("Content-Length: \u00b2", "he"))
                .refuses(400);
        add(ATTACKS, "a length with a semicolon", LENGTH_VALUE, post("Content-Length: 5;a", "hello"))
                .refuses(400);
        add(ATTACKS, "an underscore in a length", LENGTH_VALUE, post("Content-Length: 1_0", "helloworld"))
                .refuses(400);
        add(
                        ATTACKS,
                        "a body of GET that looks like a request",
                        "RFC 9110, 9.3.1",
                        get("Content-Length: " + GET_B.length()) + GET_B)
                .letsIn(request("GET", "/a", GET_B));
        add(
                        ATTACKS,
                        "a body of HEAD that looks like a request",
                        "RFC 9110, 9.3.2",
                        head("HEAD /a HTTP/1.1", "Content-Length: " + GET_B.length()) + GET_B)
                .letsIn(request("HEAD", "/a", GET_B));
        add(
                        ATTACKS,
                        "a body of DELETE that looks like a request",
                        "RFC 9110, 9.3.5",
                        head("DELETE /a HTTP/1.1", "Content-Length: " + GET_B.length()) + GET_B)
                .letsIn(request("DELETE", "/a", GET_B));
        add(
                        ATTACKS,
                        "a body of OPTIONS that looks like a request",
                        "RFC 9110, 9.3.7",
                        head("OPTIONS /a HTTP/1.1", "Content-Length: " + GET_B.length()) + GET_B)
                .letsIn(request("OPTIONS", "/a", GET_B));
        add(ATTACKS, "length 0 and a request behind it", LENGTH, post("Content-Length: 0", "") + GET_B)
                .letsIn(request("POST", "/a"), B);
        add(ATTACKS, "no length and a request behind it", LENGTH, post("", "") + GET_B)
                .letsIn(request("POST", "/a"), B);
        add(
                        ATTACKS,
                        "two lengths of HTTP/1.0",
                        LENGTH,
                        head("POST /a HTTP/1.0", "Content-Length: 5\r\nContent-Length: 6") + "hello!")
                .refuses(400);
        add(
                        ATTACKS,
                        "a list of lengths of HTTP/1.0",
                        LENGTH,
                        head("POST /a HTTP/1.0", "Content-Length: 5, 6") + "hello!")
                .refuses(400);
        add(
                        ATTACKS,
                        "a length with an underscore in its name is another field",
                        NAMES,
                        post("Content_Length: 50\r\nContent-Length: 5", "hello"))
                .letsIn(HELLO.with("content_length: 50"));
        add(ATTACKS, "a folded length", FOLDED, get("Content-Length:\r\n 36") + GET_B)
                .refuses(400);
    }

    private void encodings() {
        add(
                        ATTACKS,
                        "length, then chunks (CL.TE)",
                        LENGTH,
                        post("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\nG"))
                .refuses(400);
        add(
                        ATTACKS,
                        "chunks, then length (TE.CL)",
                        LENGTH,
                        post("Transfer-Encoding: chunked\r\nContent-Length: 3", "1\r\nG\r\n0\r\n\r\n"))
                .refuses(400);
        add(
                        GO,
                        "chunks and a length far off",
                        LENGTH,
                        post("Transfer-Encoding: chunked\r\nContent-Length: 9999", "0\r\n\r\n"))
                .refuses(400);
        add(LLHTTP, "an unknown encoding", ENCODING, post("Transfer-Encoding: pigeons", ""))
                .refuses(400);
        add(
                        LLHTTP,
                        "identity with a length",
                        ENCODING,
                        post("Transfer-Encoding: identity\r\nContent-Length: 5", "World"))
                .refuses(400);
        add(
                        LLHTTP,
                        "three empty encodings and a length",
                        ENCODING,
                        post(
                                "Content-Length: 10\r\nTransfer-Encoding:\r\nTransfer-Encoding:\r\nTransfer-Encoding:",
                                "2\r\nAA\r\n0\r\n\r\n"))
                .refuses(400);
        add(LLHTTP, "chunked before another", ENCODING, post("Transfer-Encoding: chunked, deflate", "World"))
                .refuses(400);
        add(
                        LLHTTP,
                        "chunked before another, on two lines",
                        ENCODING,
                        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: deflate", "World"))
                .refuses(400);
        add(LLHTTP, "chunked after another", ENCODING, post("Transfer-Encoding: deflate, chunked", "0\r\n\r\n"))
                .refuses(400);
        add(
                        LLHTTP,
                        "chunked after another, on two lines",
                        ENCODING,
                        post("Transfer-Encoding: deflate\r\nTransfer-Encoding: chunked", "0\r\n\r\n"))
                .refuses(400);
        add(LLHTTP, "chunkedchunked", ENCODING, post("Transfer-Encoding: chunkedchunked", "0\r\n\r\n"))
                .refuses(400);
        add(LLHTTP, "a fold after chunked", FOLDED, post("Transfer-Encoding: chunked\r\n  abc", "0\r\n\r\n"))
                .refuses(400);
        add(GO, "an encoding that is empty", ENCODING, post("Transfer-Encoding: ", "0\r\n\r\n"))
                .refuses(400);
        add(GO, "a vertical tab before chunked", VALUES, post("Transfer-Encoding: \u000bchunked", "0\r\n\r\n"))
                .refuses(400);
        add(
                        GO,
                        "chunked twice",
                        ENCODING,
                        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"))
                .refuses(400);
        add(
                        GO,
                        "chunked twice and identity",
                        ENCODING,
                        post(
                                "Transfer-Encoding: chunked, chunked\r\nTransfer-Encoding: identity\r\n"
                                        + "Transfer-Encoding: chunked",
                                "0\r\n\r\n"))
                .refuses(400);
        add(GO, "identity after chunked", ENCODING, post("Transfer-Encoding: chunked, identity", "0\r\n\r\n"))
                .refuses(400);
        add(H11, "chunked in mixed case", ENCODING, post("Transfer-Encoding: cHuNkEd", "5\r\nhello\r\n0\r\n\r\n"))
                .letsIn(HELLO);
        add(H11, "gzip alone", ENCODING, post("Transfer-Encoding: gzip", "hello"))
                .refuses(400);
        add(
                        ATTACKS,
                        "an encoding of HTTP/1.0",
                        ENCODING,
                        head("POST /a HTTP/1.0", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n")
                .refuses(400);
        add(
                        ATTACKS,
                        "an encoding of HTTP/1.0 with keep-alive and a length",
                        ENCODING,
                        head(
                                        "POST /a HTTP/1.0",
                                        "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 5")
                                + "hello")
                .refuses(400);
        add(ATTACKS, "xchunked", ENCODING, post("Transfer-Encoding: xchunked\r\nContent-Length: 5", "hello"))
                .refuses(400);
        add(ATTACKS, "a quoted encoding", ENCODING, post("Transfer-Encoding: \"chunked\"", "0\r\n\r\n"))
                .refuses(400);
        add(ATTACKS, "chunked with a parameter", ENCODING, post("Transfer-Encoding: chunked;a=b", "0\r\n\r\n"))
                .refuses(400);
        add(ATTACKS, "an empty element before chunked", ENCODING, post("Transfer-Encoding: ,chunked", "0\r\n\r\n"))
                .refuses(400);
        add(ATTACKS, "a comma after chunked", ENCODING, post("Transfer-Encoding: chunked,", "0\r\n\r\n"))
                .refuses(400);
        add(
                        ATTACKS,
                        "a space before the encoding's colon",
                        BEFORE_COLON,
                        post("Transfer-Encoding : chunked", "0\r\n\r\n"))
                .refuses(400);
        add(
                        ATTACKS,
                        "a tab before the encoding's colon",
                        BEFORE_COLON,
                        post("Transfer-Encoding\t: chunked", "0\r\n\r\n"))
                .refuses(400);
        add(ATTACKS, "a NUL behind the encoding's name", NAMES, post("Transfer-Encoding\u0000: chunked", "0\r\n\r\n"))
                .refuses(400);
        add(
                        ATTACKS,
                        "a space before the encoding's name",
                        FOLDED,
                        post("X-A: b\r\n Transfer-Encoding: chunked", "0\r\n\r\n"))
                .refuses(400);
        add(
                        ATTACKS,
                        "the encoding on a line that LF alone begins",
                        BREAKS,
                        post("X-A: b\nTransfer-Encoding: chunked", "0\r\n\r\n"))
                .refuses(400);
        add(
                        ATTACKS,
                        "a non-breaking space behind chunked",
                        ENCODING,
                        post("Transfer-Encoding: chunked\u00a0", "0\r\n\r\n"))
                .refuses(400);
        add(ATTACKS, "a form feed behind chunked", VALUES, post("Transfer-Encoding: chunked\f", "0\r\n\r\n"))
                .refuses(400);
        add(ATTACKS, "tabs around chunked", FIELDS, post("Transfer-Encoding:\tchunked\t", "5\r\nhello\r\n0\r\n\r\n"))
                .letsIn(HELLO);
        add(ATTACKS, "no space before chunked", FIELDS, post("Transfer-Encoding:chunked", "5\r\nhello\r\n0\r\n\r\n"))
                .letsIn(HELLO);
        add(ATTACKS, "the name in upper case", NAMES, post("TRANSFER-ENCODING: chunked", "5\r\nhello\r\n0\r\n\r\n"))
                .letsIn(HELLO);
        add(
                        ATTACKS,
                        "an encoding with an underscore in its name is another field",
                        NAMES,
                        post("Transfer_Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"))
                .letsIn(request("POST", "/a", "0\r\n\r\n").with("transfer_encoding: chunked"));
        add(ATTACKS, "chunks of GET", ENCODING, get("Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n" + GET_B)
                .letsIn(request("GET", "/a", "hello"), B);
        add(
                        ATTACKS,
                        "no chunks of OPTIONS (TE.0)",
                        ENCODING,
                        head("OPTIONS /a HTTP/1.1", "Transfer-Encoding: chunked") + "0\r\n\r\n" + GET_B)
                .letsIn(request("OPTIONS", "/a"), B);
    }

    private void chunks() {
        add(LLHTTP, "a size in lower case", CHUNKS, chunked("a\r\n0123456789\r\n0\r\n\r\n"))
                .letsIn(request("POST", "/a", "0123456789"));
        add(LLHTTP, "a size in upper case", CHUNKS, chunked("A\r\n0123456789\r\n0\r\n\r\n"))
                .letsIn(request("POST", "/a", "0123456789"));
        add(LLHTTP, "no chunk but the last", CHUNKS, chunked("0\r\n\r\n")).letsIn(request("POST", "/a"));
        add(LLHTTP, "a last chunk of three zeros", CHUNKS, chunked("2\r\nhe\r\n3\r\nllo\r\n000\r\n\r\n"))
                .letsIn(HELLO);
        add(LLHTTP, "extensions", EXTENSIONS, chunked("2;one;two=three\r\nhe\r\n3;x=\"y;z\"\r\nllo\r\n0;end\r\n\r\n"))
                .letsIn(HELLO);
        add(
                        LLHTTP,
                        "words behind the size, no semicolon",
                        EXTENSIONS,
                        chunked("5 erfrferferf\r\nhello\r\n0 rrrr\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(LLHTTP, "a semicolon, no extension", EXTENSIONS, chunked("5;\r\nhello\r\n0\r\n\r\n"))
                .letsIn(HELLO);
        add(
                        LLHTTP,
                        "an extension's quoted quotes",
                        EXTENSIONS,
                        chunked("5;a=\"I \\\"love\\\"; \\\\it\\\\\";b\r\nhello\r\n0\r\n\r\n"))
                .letsIn(HELLO);
        add(LLHTTP, "LF in the line of a size", CHUNKS, chunked("5 \n  \r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(LLHTTP, "spaces behind a size", CHUNKS, chunked("5  \r\nhello\r\n0 \r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(LLHTTP, "no line end behind a chunk", CHUNKS, chunked("5\r\nhello0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(LLHTTP, "a chunk longer than announced", CHUNKS, chunked("5\r\nhello!\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(LLHTTP, "a size that is none", CHUNKS, chunked("xyz\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(H11, "a size with a NUL behind it", CHUNKS, chunked("5\u0000;\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(H11, "a size of a hundred digits", CHUNKS, chunked("9".repeat(100) + "\r\nhello"))
                .refuses(400)
                .mayBeCut();
        add(H11, "sizes in mixed case", CHUNKS, chunked("aA\r\n" + "x".repeat(0xaa) + "\r\n0\r\n\r\n"))
                .letsIn(request("POST", "/a", "x".repeat(0xaa)));
        add(H11, "spaces and a tab behind a size", CHUNKS, chunked("5   \t \r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(H11, "other bytes for a chunk's CR LF", CHUNKS, chunked("5\r\nhello__0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(H11, "CR and another byte for a chunk's CR LF", CHUNKS, chunked("5\r\nhello\r_0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(H11, "another byte and LF for a chunk's CR LF", CHUNKS, chunked("5\r\nhello_\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(
                        GO,
                        "an extension beyond all measure",
                        EXTENSIONS,
                        chunked("5;" + "x".repeat(9_000) + "\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(GO, "LF for a chunk's CR LF", CHUNKS, chunked("5\r\nhello\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "LF behind a size", CHUNKS, chunked("5\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "LF behind the last size", CHUNKS, chunked("5\r\nhello\r\n0\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(
                        ATTACKS,
                        "LF in an extension that hides a request",
                        CHUNKS,
                        chunked("2;\nxx\r\n" + Integer.toHexString(GET_B.length()) + "\r\n" + GET_B + "0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "LF behind an extension", CHUNKS, chunked("5;a=b\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "LF in a quoted extension", CHUNKS, chunked("5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "CR in an extension", CHUNKS, chunked("5;a\rb\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a blank before a size", CHUNKS, chunked(" 5\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a blank before a later size", CHUNKS, chunked("5\r\nhello\r\n\t0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "CR behind a size", CHUNKS, chunked("5\r\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a comma behind a size", CHUNKS, chunked("5,5\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a size with 0x", CHUNKS, chunked("0x5\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a size with a plus", CHUNKS, chunked("+5\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a size with a minus", CHUNKS, chunked("-5\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "an empty size", CHUNKS, chunked("\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "an extension without a size", CHUNKS, chunked(";a=b\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a size that is 5 in 32 bits", CHUNKS, chunked("100000005\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a size that is 5 in 64 bits", CHUNKS, chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a size that is 0 in 32 bits", CHUNKS, chunked("100000000\r\n\r\n" + GET_B))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a size with zeros in front", CHUNKS, chunked("0000000000000000005\r\nhello\r\n0\r\n\r\n"))
                .letsIn(HELLO);
        add(
                        ATTACKS,
                        "a chunk that looks like a request",
                        CHUNKS,
                        chunked(Integer.toHexString(GET_B.length()) + "\r\n" + GET_B + "\r\n0\r\n\r\n"))
                .letsIn(request("POST", "/a", GET_B));
        add(ATTACKS, "a request behind the last chunk", CHUNKS, chunked("5\r\nhello\r\n0\r\n\r\n") + GET_B)
                .letsIn(HELLO, B);
        add(
                        ATTACKS,
                        "what is no request behind the last chunk",
                        CHUNKS,
                        chunked("5\r\nhello\r\n0\r\n\r\n") + "X\r\n\r\n")
                .letsIn(HELLO)
                .refuses(400);
    }

    private void trailers() {
        add(LLHTTP, "trailers", TRAILERS, chunked("5\r\nhello\r\n0\r\nVary: *\r\nX-Sum: 1\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(
                        ATTACKS,
                        "a trailer that is framing",
                        TRAILERS,
                        chunked("5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n") + GET_B)
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a trailer without a colon", TRAILERS, chunked("5\r\nhello\r\n0\r\nGET /b HTTP/1.1\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a trailer that ends in LF", BREAKS, chunked("5\r\nhello\r\n0\r\nX-Sum: 1\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "a trailer that begins folded", FOLDED, chunked("5\r\nhello\r\n0\r\n X-Sum: 1\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
        add(
                        ATTACKS,
                        "trailers beyond all measure",
                        "RFC 9110, 5.4",
                        chunked("5\r\nhello\r\n0\r\nX-Sum: " + "x".repeat(70_000) + "\r\n\r\n"))
                .refuses(400)
                .mayBeCut();
    }

    private void lines() {
        add(LLHTTP, "fields parted by CR", BREAKS, get("Foo: 1\rBar: 2")).refuses(400);
        add(LLHTTP, "fields parted by LF", BREAKS, post("x:x\nTransfer-Encoding: chunked", "1\r\nA\r\n0\r\n\r\n"))
                .refuses(400);
        add(
                        LLHTTP,
                        "an empty field parted by CR",
                        BREAKS,
                        post("x:\rTransfer-Encoding: chunked", "1\r\nA\r\n0\r\n\r\n"))
                .refuses(400);
        add(
                        LLHTTP,
                        "an empty field parted by LF",
                        BREAKS,
                        post("x:\nTransfer-Encoding: chunked", "1\r\nA\r\n0\r\n\r\n"))
                .refuses(400);
        add(
                        LLHTTP,
                        "CR and a letter for the empty line",
                        BREAKS,
                        "GET /a HTTP/1.1\r\nHost: localhost\r\n\rZGET /b HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .refuses(400);
        add(LLHTTP, "CR within a name", BREAKS, get("Connection\r\u001b5\u00d5eep-Alive"))
                .refuses(400);
        add(LLHTTP, "LF alone before a length", BREAKS, get("Dummy: x\nContent-Length: 23") + GET_B)
                .refuses(400);
        add(
                        LLHTTP,
                        "LF alone everywhere",
                        BREAKS,
                        "POST /a HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n1\nA\n0\n\n")
                .refuses(400);
        add(LLHTTP, "LF alone at the very end", BREAKS, "GET /a HTTP/1.1\r\nHost: localhost\r\n\n")
                .refuses(400);
        add(LLHTTP, "CR alone behind the request line", BREAKS, "GET /a HTTP/1.1\rHost: localhost\r\n\r\n")
                .refuses(400);
        add(LLHTTP, "a space before the first field", BREAKS, "GET /a HTTP/1.1\r\n Host: localhost\r\n\r\n")
                .refuses(400);
        add(GO, "a tab before the first field", BREAKS, "GET /a HTTP/1.1\r\n\tHost: localhost\r\n\r\n")
                .refuses(400);
        add(LLHTTP, "a space before a later field", FOLDED, post("Foo: bar\r\n Content-Length: 38", "") + GET_B)
                .refuses(400);
        add(LLHTTP, "a fold with nothing on it", FOLDED, get("Line4: \r\n \r\nX: 1"))
                .refuses(400);
        add(LLHTTP, "a fold after an empty value", FOLDED, get("Line3:\r\n line3"))
                .refuses(400);
        add(H11, "a fold with tabs", FOLDED, get("Some: multi-line\r\n\tnonsense\r\n    \t   \t\tI guess"))
                .refuses(400);
        add(LLHTTP, "an empty line before a request", BREAKS, "\r\n" + get("")).letsIn(A);
        add(GO, "two empty lines between requests", BREAKS, post("Content-Length: 5", "hello") + "\r\n\r\n" + GET_B)
                .letsIn(HELLO, B);
        add(H11, "LF alone before a request", BREAKS, "\n" + get("")).refuses(400);
        add(H11, "CR alone before a request", BREAKS, "\r" + get("")).refuses(400);
        add(H11, "a space before a request", REQUEST_LINE, " " + get("")).refuses(400);
        add(H11, "a NUL", REQUEST_LINE, "\u0000").refuses(400);
        add(H11, "the start of TLS", REQUEST_LINE, "\u0016\u0003\u0001\u0000\u00a5\u0001")
                .refuses(400);
        add(H11, "what is no request", REQUEST_LINE, "gibberish\r\n\r\n").refuses(400);
        add(H11, "a NUL in Host", VALUES, "GET /a HTTP/1.1\r\nHost: foo\u0000bar\r\n\r\n")
                .refuses(400);
    }

    private void requestLines() {
        add(LLHTTP, "ICE/1.0", REQUEST_LINE, head("SOURCE /a ICE/1.0", "")).refuses(400);
        add(LLHTTP, "IHTTP/1.0", REQUEST_LINE, head("GET /a IHTTP/1.0", "")).refuses(400);
        add(LLHTTP, "RTSP/1.0", REQUEST_LINE, head("PUT /a RTSP/1.0", "")).refuses(400);
        add(LLHTTP, "HTTP/5.6", VERSION, head("GET /a HTTP/5.6", "")).refuses(400);
        add(LLHTTP, "no version", REQUEST_LINE, "GET /a\r\n\r\n").refuses(400);
        add(LLHTTP, "the preface of HTTP/2", VERSION, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                .refuses(400);
        add(LLHTTP, "PRI in HTTP/1.1", TARGET, head("PRI * HTTP/1.1", "")).refuses(400);
        for (String version : List.of(
                "HTTP/0.9",
                "HTTP/1.2",
                "HTTP/2.0",
                "HTTP/3.0",
                "HTTP/1",
                "HTTP/1.",
                "HTTP/1.10",
                "HTTP/01.1",
                "HTTP/1.1x",
                "http/1.1",
                "HTTP/A.B",
                "HTTP/1,1")) {
            add(GO, version, VERSION, head("GET /a " + version, "")).refuses(400);
        }
        add(H11, "words behind the version", REQUEST_LINE, head("GET /a HTTP/1.1 xxxxxx", ""))
                .refuses(400);
        add(ATTACKS, "a space behind the version", REQUEST_LINE, head("GET /a HTTP/1.1 ", ""))
                .refuses(400);
        add(ATTACKS, "two spaces", REQUEST_LINE, head("GET  /a HTTP/1.1", "")).refuses(400);
        add(ATTACKS, "a tab for a space", REQUEST_LINE, head("GET\t/a HTTP/1.1", ""))
                .refuses(400);
        add(ATTACKS, "a tab for the second space", REQUEST_LINE, head("GET /a\tHTTP/1.1", ""))
                .refuses(400);
        add(ATTACKS, "a form feed for a space", REQUEST_LINE, head("GET\f/a HTTP/1.1", ""))
                .refuses(400);
        add(ATTACKS, "CR for a space", BREAKS, head("GET\r/a HTTP/1.1", "")).refuses(400);
        add(GO, "no target", REQUEST_LINE, head("GET  HTTP/1.1", "")).refuses(400);
        for (String method : List.of(
                "REPORT",
                "PURGE",
                "SEARCH",
                "LINK",
                "UNLINK",
                "SOURCE",
                "MKCOLA",
                "TRACE",
                "get",
                "M-SEARCH",
                "!#$%&'*+-.^_`|~09")) {
            add(LLHTTP, "method " + method, METHODS, head(method + " /a HTTP/1.1", ""))
                    .letsIn(request(method, "/a"));
        }
        add(
                        LLHTTP,
                        "PATCH with a body",
                        METHODS,
                        head("PATCH /a HTTP/1.1", "If-Match: \"e\"\r\nContent-Length: 10") + "cccccccccc")
                .letsIn(request("PATCH", "/a", "cccccccccc").with("if-match: \"e\""));
        add(LLHTTP, "QUERY with a body", METHODS, head("QUERY /a HTTP/1.1", "Content-Length: 5") + "hello")
                .letsIn(request("QUERY", "/a", "hello"));
        add(H11, "a method that is no token", METHODS, head("G@T /a HTTP/1.1", ""))
                .refuses(400);
        add(ATTACKS, "a method with a control character", METHODS, head("GE\u0001T /a HTTP/1.1", ""))
                .refuses(400);
        add(LLHTTP, "CONNECT", "RFC 9110, 9.3.6", head("CONNECT other:443 HTTP/1.1", ""))
                .refuses(400);
        add(
                        LLHTTP,
                        "CONNECT of HTTP/1.0 with bytes behind it",
                        "RFC 9110, 9.3.6",
                        head("CONNECT home_0.example.com:443 HTTP/1.0", "Proxy-Authorization: basic aGVsbG86d29ybGQ=")
                                + "some data\r\nand yet more")
                .refuses(400);
        add(
                        LLHTTP,
                        "CONNECT with a length",
                        "RFC 9110, 9.3.6",
                        head("CONNECT other:443 HTTP/1.1", "Content-Length: 5") + "hello")
                .refuses(400);
        add(GO, "CONNECT of a path", "RFC 9110, 9.3.6", head("CONNECT /_goRPC_ HTTP/1.1", ""))
                .refuses(400);
        add(
                        GO,
                        "CONNECT of what hides a head",
                        "RFC 9110, 9.3.6",
                        head("CONNECT []%20%48%54%54%50%2f%31%2e%31%0a HTTP/1.0", ""))
                .refuses(400);
        add(GO, "the authority form of GET", TARGET, head("GET localhost:80 HTTP/1.1", ""))
                .refuses(400);
        add(LLHTTP, "the absolute form", TARGET, head("GET http://localhost:1234/a HTTP/1.1", ""))
                .refuses(400);
        add(LLHTTP, "the absolute form without a path", TARGET, head("GET http://localhost?hail=all HTTP/1.1", ""))
                .refuses(400);
        add(
                        LLHTTP,
                        "the absolute form with a user",
                        TARGET,
                        head("GET http://a%12:b!&*$@localhost:1234/a HTTP/1.1", ""))
                .refuses(400);
        add(
                        GO,
                        "the absolute form of another host",
                        TARGET,
                        head("GET http://www.example.com/ HTTP/1.1", "Content-Length: 7") + "abcdef\n???")
                .refuses(400);
        add(LLHTTP, "an asterisk with another method", TARGET, head("NOTIFY * HTTP/1.1", ""))
                .refuses(400);
        add(GO, "an asterisk with OPTIONS", TARGET, head("OPTIONS * HTTP/1.1", "Server: foo"))
                .letsIn(request("OPTIONS", "*"));
        add(GO, "a relative path", TARGET, head("GET ../../../../etc/passwd HTTP/1.1", ""))
                .refuses(400);
        add(GO, "a path that looks like an authority", TARGET, head("GET //user@host/is/actually/a/path/ HTTP/1.1", ""))
                .letsIn(request("GET", "//user@host/is/actually/a/path/"));
        add(LLHTTP, "quotes in a target", TARGET, head("GET /with_\"lovely\"_quotes?foo=\"bar\" HTTP/1.1", ""))
                .letsIn(request("GET", "/with_\"lovely\"_quotes?foo=\"bar\""));
        add(LLHTTP, "two question marks", TARGET, head("GET /test.cgi?foo=bar?baz HTTP/1.1", ""))
                .letsIn(request("GET", "/test.cgi?foo=bar?baz"));
        add(LLHTTP, "a vertical bar", TARGET, head("GET /test.cgi?query=| HTTP/1.1", ""))
                .letsIn(request("GET", "/test.cgi?query=|"));
        add(LLHTTP, "UTF-8 in a target", TARGET, head("GET /\u00ce\u00b4/t HTTP/1.1", ""))
                .refuses(400);
        add(LLHTTP, "a fragment", TARGET, head("GET /a?page=1#posts HTTP/1.1", ""))
                .refuses(400);
        add(LLHTTP, "a space in a target", TARGET, head("GET /foo bar/ HTTP/1.1", ""))
                .refuses(400);
        for (char c : new char[] {'\u0000', '\u0001', '\u007f', '\u00ee', '\n', '\r', '\u0085'}) {
            add(H11, String.format("byte %02x in a target", (int) c), TARGET, head("GET /" + c + " HTTP/1.1", ""))
                    .refuses(400);
        }
        add(ATTACKS, "an encoded line end in a target", TARGET, head("GET /a%0d%0aX:%20y%00 HTTP/1.1", ""))
                .letsIn(request("GET", "/a%0d%0aX:%20y%00"));
        add(
                        ATTACKS,
                        "letters that end in CR LF when cut to bytes",
                        TARGET,
                        head("GET /\u00e5\u0098\u008d\u00e5\u0098\u008a HTTP/1.1", ""))
                .refuses(400);
        add(GO, "a request line at the limit", REQUEST_LINE, head("GET /" + "x".repeat(8192 - 15) + " HTTP/1.1", ""))
                .letsIn(request("GET", "/" + "x".repeat(8192 - 15)));
        add(
                        GO,
                        "a request line one beyond the limit",
                        "3, 414",
                        head("GET /" + "x".repeat(8192 - 14) + " HTTP/1.1", ""))
                .refuses(414);
    }

    private void hosts() {
        add(GO, "no Host", HOST, "GET /a HTTP/1.1\r\n\r\n").refuses(400);
        add(GO, "no Host in HTTP/1.0", HOST, "GET /a HTTP/1.0\r\n\r\n").refuses(403);
        add(GO, "two Hosts", HOST, get("Host: localhost")).refuses(400);
        add(GO, "two Hosts in HTTP/1.0", HOST, head("GET /a HTTP/1.0", "Host: localhost"))
                .refuses(400);
        add(H11, "two Hosts, one of them empty", HOST, get("hOSt:")).refuses(400);
        for (String host : List.of(
                "",
                "\u0006",
                "\u00ff",
                "{",
                "}",
                "localhost@evil.example",
                "localhost, evil.example",
                "localhost evil.example",
                "localhost/evil",
                "evil.example#localhost")) {
            int status = host.equals("\u0006") ? 400 : 403;
            add(GO, "Host: " + printable(host), HOST, "GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                    .refuses(status);
        }
        for (String host : List.of("localhost", "localhost:80", "127.0.0.1", "[::1]:80", "[::1]")) {
            add(GO, "Host: " + host, HOST, "GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                    .letsIn(A);
        }
        add(ATTACKS, "Host and a space", BEFORE_COLON, "GET /a HTTP/1.1\r\nHost : localhost\r\n\r\n")
                .refuses(400);
        add(ATTACKS, "a folded Host", FOLDED, "GET /a HTTP/1.1\r\nHost: localhost\r\n evil.example\r\n\r\n")
                .refuses(400);
    }

    private static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        text.chars()
                .forEach(c ->
                        printable.append(c >= ' ' && c < 0x7f ? String.valueOf((char) c) : String.format("<%02x>", c)));
        return printable.toString();
    }

    private void fields() {
        add(LLHTTP, "spaces and tabs around a value", FIELDS, get("Header1: Value1\r\nHeader2:\t Value2 \t"))
                .letsIn(A.with("header1: Value1").with("header2: Value2"));
        add(LLHTTP, "a long list of signs", FIELDS, get("aaaaaaaaaaaaa:++++++++++"))
                .letsIn(A.with("aaaaaaaaaaaaa: ++++++++++"));
        add(LLHTTP, "bytes beyond ASCII in a value", VALUES, get("Test: D\u00c3\u00bcsseldorf\r\nX: \u00ffValue2"))
                .letsIn(A.with("test: D\u00c3\u00bcsseldorf").with("x: \u00ffValue2"));
        add(GO, "a tab within a value", VALUES, get("foo: foo\tfoo")).letsIn(A.with("foo: foo\tfoo"));
        add(H11, "an empty value", VALUES, get("Foo:\r\nBar: \t \t "))
                .letsIn(A.with("foo: ").with("bar: "));
        add(LLHTTP, "an at sign in a name", NAMES, get("Fo@: Failure")).refuses(400);
        add(LLHTTP, "a control character in a name", NAMES, get("Foo\u0001test: Bar"))
                .refuses(400);
        add(LLHTTP, "no name", NAMES, get(": Bar")).refuses(400);
        add(LLHTTP, "a name without a colon", FIELDS, get("name\r\nX: 1")).refuses(400);
        add(LLHTTP, "a folded name", FOLDED, get("name\r\n : value")).refuses(400);
        add(GO, "a space in a name", NAMES, get("A space: foo")).refuses(400);
        add(GO, "a byte beyond ASCII in a name", NAMES, get("foo\u00ffbar: foo"))
                .refuses(400);
        add(GO, "a NUL in a name", NAMES, get("foo\u0000bar: foo")).refuses(400);
        add(GO, "a tab before the colon", BEFORE_COLON, get("Foo\t: bar")).refuses(400);
        for (char c : new char[] {'\u0000', '\u0001', '\u0008', '\u000b', '\f', '\u001b', '\u001f', '\u007f'}) {
            add(H11, String.format("byte %02x in a value", (int) c), VALUES, get("Foo: asd" + c + "x"))
                    .refuses(400);
        }
        add(
                        GO,
                        "a head at the limit",
                        "RFC 9110, 5.4",
                        get("X: " + "x".repeat(65536 - get("X: ").length())))
                .letsIn(A);
        add(
                        GO,
                        "a head one beyond the limit",
                        "RFC 9110, 5.4",
                        get("X: " + "x".repeat(65537 - get("X: ").length())))
                .refuses(431);
        add(
                        KUBERNETES,
                        "X-Remote- is nobody's to say",
                        "docs of the authenticating proxy",
                        get("X-Remote-User: admin\r\nx-remote-group: system:masters\r\nX-Remote-Extra-A: b"))
                .letsIn(A.without("x-remote-user").without("x-remote-group").without("x-remote-extra-a"));
        add(KUBERNETES, "Impersonate- goes through", "kubectl --as", get("Impersonate-User: jane"))
                .letsIn(A.with("impersonate-user: jane"));
        add(
                        KUBERNETES,
                        "the caller's own credential does not",
                        "guardian.proxy.authorization",
                        get("Authorization: Bearer x\r\nauthorization: Basic y"))
                .letsIn(A);
    }

    private void pipelines() {
        add(
                        LLHTTP,
                        "three with bodies",
                        PIPELINING,
                        head("POST /a HTTP/1.1", "Content-Length: 3") + "AAA"
                                + head("PUT /b HTTP/1.1", "Content-Length: 4") + "BBBB"
                                + head("PATCH /c HTTP/1.1", "Content-Length: 5") + "CCCCC")
                .letsIn(request("POST", "/a", "AAA"), request("PUT", "/b", "BBBB"), request("PATCH", "/c", "CCCCC"));
        add(
                        H11,
                        "three, the last without a body",
                        PIPELINING,
                        head("GET /1 HTTP/1.1", "Content-Length: 5") + "12345"
                                + head("GET /2 HTTP/1.1", "Content-Length: 5") + "67890" + GET_B)
                .letsIn(request("GET", "/1", "12345"), request("GET", "/2", "67890"), B);
        add(H11, "what is no request behind one", PIPELINING, get("") + "SADF\r\n\r\n")
                .letsIn(A)
                .refuses(400);
        add(ATTACKS, "a hundred at once", PIPELINING, get("").repeat(100))
                .letsIn(Collections.nCopies(100, A).toArray(new LetIn[0]));
        add(ATTACKS, "a request behind one that is malformed", TEAR_DOWN, get("X Y: 1") + GET_B)
                .refuses(400);
        add(
                        ATTACKS,
                        "a request behind one for another host",
                        TEAR_DOWN,
                        "GET /a HTTP/1.1\r\nHost: evil.example\r\n\r\n" + GET_B)
                .refuses(403);
        add(ATTACKS, "a request behind one without Host", TEAR_DOWN, "GET /a HTTP/1.1\r\n\r\n" + GET_B)
                .refuses(400);
        add(
                        ATTACKS,
                        "a request behind a body of one without Host",
                        TEAR_DOWN,
                        "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" + GET_B)
                .refuses(400);
        add(ATTACKS, "a request behind CONNECT", TEAR_DOWN, head("CONNECT other:443 HTTP/1.1", "") + GET_B)
                .refuses(400);
        add(
                        ATTACKS,
                        "two requests behind one that is refused in the middle",
                        TEAR_DOWN,
                        get("") + "GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n" + GET_B + GET_B)
                .letsIn(A)
                .refuses(403);
        add(
                        ATTACKS,
                        "DELETE behind a chunked body that breaks",
                        TEAR_DOWN,
                        chunked("5\r\nhelloX\r\n") + head("DELETE /b HTTP/1.1", ""))
                .refuses(400)
                .mayBeCut();
        add(ATTACKS, "many behind close", TEAR_DOWN, get("Connection: close") + GET_B.repeat(50))
                .letsIn(A)
                .ends();
        add(
                        ATTACKS,
                        "a body behind close of HTTP/1.0",
                        TEAR_DOWN,
                        head("POST /a HTTP/1.0", "Content-Length: 5") + "hello" + GET_B)
                .letsIn(HELLO)
                .ends();
    }

    private void expectations() {
        add(
                        GO,
                        "100-continue with the body at once",
                        EXPECT,
                        post("Expect: 100-continue\r\nContent-Length: 5", "hello"))
                .letsIn(HELLO);
        add(
                        GO,
                        "100-continue twice, pipelined",
                        EXPECT,
                        post("Expect: 100-continue\r\nContent-Length: 5", "hello")
                                + post("Expect: 100-continue\r\nContent-Length: 5", "hello")
                                + GET_B)
                .letsIn(HELLO, HELLO, B);
        add(H11, "100-continue in mixed case", EXPECT, post("Expect: 100-Continue\r\nContent-Length: 5", "hello"))
                .letsIn(HELLO);
        add(
                        H11,
                        "100-continue of HTTP/1.0 is ignored",
                        EXPECT,
                        head("POST /a HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 5") + "hello")
                .letsIn(HELLO.without("expect"))
                .ends();
        add(ATTACKS, "100-continue without a body", EXPECT, get("Expect: 100-continue") + GET_B)
                .letsIn(A, B);
        add(
                        ATTACKS,
                        "100-continue with chunks",
                        EXPECT,
                        post("Expect: 100-continue\r\nTransfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n") + GET_B)
                .letsIn(HELLO, B);
        add(ATTACKS, "an unknown expectation", EXPECT, post("Expect: 200-ok\r\nContent-Length: 5", "hello") + GET_B)
                .letsIn(HELLO, B);
        add(
                        ATTACKS,
                        "a word before 100-continue",
                        EXPECT,
                        post("Expect: y 100-continue\r\nContent-Length: 5", "hello") + GET_B)
                .letsIn(HELLO, B);
        add(
                        ATTACKS,
                        "100-continue with a body of GET that looks like a request",
                        EXPECT,
                        get("Expect: 100-continue\r\nContent-Length: " + GET_B.length()) + GET_B)
                .letsIn(request("GET", "/a", GET_B));
        add(ATTACKS, "a folded expectation", FOLDED, post("Expect:\r\n 100-continue\r\nContent-Length: 5", "hello"))
                .refuses(400);
    }

    private void upgrades() {
        String upgrade = "Connection: Upgrade\r\nUpgrade: ";
        add(
                        LLHTTP,
                        "refused, with a body and a request behind it",
                        UPGRADE,
                        head("PUT /a HTTP/1.1", upgrade + "ws\r\nContent-Length: 4") + "abcd" + GET_B)
                .letsIn(request("PUT", "/a", "abcd").with("upgrade: ws").with("connection: upgrade"), B);
        add(
                        LLHTTP,
                        "of HTTP/2.0, refused, with a body and more behind it",
                        UPGRADE,
                        head("POST /a HTTP/1.1", upgrade + "HTTP/2.0\r\nContent-Length: 15")
                                + "sweet post bodyHot diggity dogg\r\n\r\n")
                .letsIn(request("POST", "/a", "sweet post body"))
                .refuses(400);
        add(
                        LLHTTP,
                        "of hixie-76, refused, with its 8 bytes",
                        UPGRADE,
                        get(upgrade + "WebSocket\r\n" + KEYS) + "Hot digg\r\n\r\n")
                .letsIn(A)
                .refuses(400);
        add(
                        ATTACKS,
                        "keys of hixie-76 and half a request",
                        LENGTH,
                        get(KEYS) + "GET /b H" + "TTP/1.1\r\nHost: localhost\r\n\r\n")
                .letsIn(A, B);
        add(ATTACKS, "keys of hixie-76 and a request of 8 bytes more", LENGTH, get(KEYS) + "\r\n\r\n\r\n\r\n" + GET_B)
                .letsIn(A, B);
        add(ATTACKS, "keys of hixie-76 and bytes for another caller", LENGTH, get(KEYS) + "DELETE /b HTTP/1.1\r\nX: ")
                .letsIn(A)
                .callerLeaves();
        add(ATTACKS, "keys of hixie-76 and 8 bytes", LENGTH, get(KEYS) + "DELETE /")
                .letsIn(A)
                .callerLeaves();
        add(ATTACKS, "keys of hixie-76 alone", LENGTH, get(KEYS)).letsIn(A);
        add(ATTACKS, "keys of hixie-76 and length 0", LENGTH, get(KEYS + "\r\nContent-Length: 0") + GET_B)
                .letsIn(A, B);
        add(ATTACKS, "keys of hixie-76 and length 8", LENGTH, get(KEYS + "\r\nContent-Length: 8") + "8 bytes." + GET_B)
                .letsIn(request("GET", "/a", "8 bytes."), B);
        add(
                        ATTACKS,
                        "keys of hixie-76 and chunks",
                        LENGTH,
                        get(KEYS + "\r\nTransfer-Encoding: chunked") + "0\r\n\r\n" + GET_B)
                .letsIn(A, B);
        add(
                        ATTACKS,
                        "keys of hixie-76 in lower case",
                        LENGTH,
                        get("sec-websocket-key1: 1\r\nsec-websocket-key2: 2") + GET_B)
                .letsIn(A, B);
        add(
                        ATTACKS,
                        "keys of hixie-76 in HTTP/1.0",
                        LENGTH,
                        head("GET /a HTTP/1.0", "Connection: keep-alive\r\n" + KEYS) + GET_B)
                .letsIn(A, B);
        add(ATTACKS, "keys of hixie-76 in POST", LENGTH, post(KEYS, "") + GET_B).letsIn(request("POST", "/a"), B);
        add(ATTACKS, "one key of hixie-76", LENGTH, get("Sec-WebSocket-Key1: 1") + GET_B)
                .letsIn(A, B);
        add(ATTACKS, "in HTTP/1.0", UPGRADE, head("GET /a HTTP/1.0", upgrade + "websocket") + GET_B)
                .letsIn(A.without("upgrade").without("connection"))
                .ends();
        add(
                        ATTACKS,
                        "of h2c",
                        UPGRADE,
                        get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk") + GET_B)
                .letsIn(A.without("upgrade").without("http2-settings").without("connection"), B);
        add(ATTACKS, "of h2c among others", UPGRADE, get(upgrade + "websocket, H2C, b") + GET_B)
                .letsIn(A.with("upgrade: websocket, b"), B);
        add(ATTACKS, "without Connection", UPGRADE, get("Upgrade: websocket")).letsIn(A.without("upgrade"));
        add(ATTACKS, "in Connection alone", UPGRADE, get("Connection: Upgrade"))
                .letsIn(A.without("upgrade").without("connection"));
        add(H11, "refused, with a list of protocols and a request behind it", UPGRADE, get(upgrade + "a, b") + GET_B)
                .letsIn(A.with("upgrade: a, b"), B);
    }

    private void incomplete() {
        add(LLHTTP, "a head", INCOMPLETE, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Leng")
                .callerLeaves();
        add(LLHTTP, "no body at all", INCOMPLETE, post("Content-Length: 100", ""))
                .callerLeaves();
        add(
                        LLHTTP,
                        "a request instead of the body",
                        INCOMPLETE,
                        post("Content-Length: 123", "") + post("Content-Length: 456", ""))
                .callerLeaves();
        add(LLHTTP, "no last chunk", INCOMPLETE, chunked("3\r\nfoo\r\n")).callerLeaves();
        add(H11, "a request line", INCOMPLETE, "GET /").callerLeaves();
        add(H11, "an empty line", INCOMPLETE, "\r\n").callerLeaves();
        add(H11, "half a body", INCOMPLETE, post("Content-Length: 100", "12345"))
                .callerLeaves();
        add(H11, "half a chunk", INCOMPLETE, chunked("8\r\n012345")).callerLeaves();
        add(GO, "a head without its empty line", INCOMPLETE, "GET /a HTTP/1.1\r\nHost: localhost\r\nheader:foo\r\n")
                .callerLeaves();
        add(ATTACKS, "no last line end", INCOMPLETE, chunked("5\r\nhello\r\n0\r\n"))
                .callerLeaves();
        add(ATTACKS, "half a request behind a whole one", INCOMPLETE, get("") + "DELETE /b HTTP/1.1\r\nX-")
                .letsIn(A)
                .callerLeaves();
    }

    private void proxying() {
        add(KUBERNETES, "the root", TARGET, head("GET / HTTP/1.1", "")).letsIn(request("GET", "/"));
        add(
                        KUBERNETES,
                        "a query",
                        TARGET,
                        head("POST /some/path/?param1=value%2F1&param2=value%252 HTTP/1.1", "Content-Length: 17")
                                + "test request body")
                .letsIn(request("POST", "/some/path/?param1=value%2F1&param2=value%252", "test request body"));
        add(
                        KUBERNETES,
                        "an encoded query",
                        TARGET,
                        head("DELETE /api/test?fields=ID%3Dfoo&labels=key%3Dvalue HTTP/1.1", ""))
                .letsIn(request("DELETE", "/api/test?fields=ID%3Dfoo&labels=key%3Dvalue"));
        add(KUBERNETES, "a slash at the end", TARGET, head("GET /api/v1/pods/ HTTP/1.1", ""))
                .letsIn(request("GET", "/api/v1/pods/"));
        add(KUBERNETES, "a slash that is encoded, and dots", TARGET, head("GET /a/../b//c%2fd/%2e%2e/ HTTP/1.1", ""))
                .letsIn(request("GET", "/a/../b//c%2fd/%2e%2e/"));
        add(KUBERNETES, "a question mark alone", TARGET, head("GET /a? HTTP/1.1", ""))
                .letsIn(request("GET", "/a?"));
        add(
                        KUBERNETES,
                        "a body in PUT",
                        LENGTH,
                        head("PUT /a HTTP/1.1", "Header1: value1\r\nHeader2: value2\r\nContent-Length: 12")
                                + "test payload")
                .letsIn(request("PUT", "/a", "test payload")
                        .with("header1: value1")
                        .with("header2: value2"));
        add(
                        KUBERNETES,
                        "a body that is compressed",
                        LENGTH,
                        post("Content-Encoding: gzip\r\nContent-Length: 5", "\u001f\u008b\b\u0000\u00ff"))
                .letsIn(request("POST", "/a", "\u001f\u008b\b\u0000\u00ff").with("content-encoding: gzip"));
        add(
                        KUBERNETES,
                        "chunks of one byte",
                        CHUNKS,
                        chunked("1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n"))
                .letsIn(HELLO);
        add(
                        KUBERNETES,
                        "chunks of what is compressed",
                        CHUNKS,
                        post(
                                "Content-Encoding: gzip\r\nTransfer-Encoding: chunked",
                                "2\r\n\u001f\u008b\r\n1\r\n\b\r\n0\r\n\r\n"))
                .letsIn(request("POST", "/a", "\u001f\u008b\b").with("content-encoding: gzip"));
        add(KUBERNETES, "a body with line ends in it", LENGTH, post("Content-Length: 9", "\r\n\r\n0\r\n\r\n"))
                .letsIn(request("POST", "/a", "\r\n\r\n0\r\n\r\n"));
    }
}
