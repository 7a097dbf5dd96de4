package io.tokenguardian.proxy;

import io.tokenguardian.proxy.RequestCase.LetIn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * At least one case for each kind of case in the tests of llhttp, Go's net/http, h11 and Kubernetes' proxies, and known
 * attacks, in our own bytes. Section numbers without an RFC are sections of RFC 9112. If the RFC leaves a choice, the
 * stricter choice is expected, or the choice in docs/decisions/http.md.
 */
final class RequestCases {

    private static final LetIn A = request("GET", "/a");
    private static final LetIn B = request("GET", "/b");
    private static final LetIn HELLO = new LetIn("POST", "/a", "hello");
    private static final String GET_B = "GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String LAST_CHUNK = "0\r\n\r\n";
    private static final String HELLO_CHUNKS = "5\r\nhello\r\n0\r\n\r\n";
    private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: ";
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
        table.lines();
        table.requestLines();
        table.targets();
        table.hosts();
        table.fields();
        table.pipelines();
        table.expectations();
        table.upgrades();
        table.incomplete();
        table.proxying();
        return List.copyOf(table.cases);
    }

    private RequestCase add(String name, String bytes) {
        RequestCase added = new RequestCase(name, bytes);
        cases.add(added);
        return added;
    }

    private void refuse(String name, String bytes) {
        add(name, bytes).refuses(400);
    }

    /** Adds a POST with each of these header fields, and with this body. */
    private void refuseEach(String body, String... fields) {
        for (String each : fields) {
            refuse(printable(each), post(each, body));
        }
    }

    /** Adds a GET with each of these request lines. */
    private void refuseLines(String... requestLines) {
        for (String each : requestLines) {
            refuse(printable(each), head(each, ""));
        }
    }

    /** Adds a request with each of these chunked bodies. */
    private void refuseChunks(String... bodies) {
        for (String each : bodies) {
            add("chunks " + printable(each), chunked(each)).refuses(400).mayBeCut();
        }
    }

    // Requests. Fields are lines without the last line break

    private static LetIn request(String method, String target) {
        return new LetIn(method, target, "");
    }

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

    private static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        text.substring(0, Math.min(text.length(), 80))
                .chars()
                .forEach(c ->
                        printable.append(c >= ' ' && c < 0x7f ? String.valueOf((char) c) : String.format("<%02x>", c)));
        return printable.toString();
    }

    /** 9.3, 9.6; RFC 9110, 7.6.1. */
    private void connection() {
        add("two with keep-alive", get("Connection: keep-alive") + get("Connection: keep-alive"))
                .letsIn(A.without("connection"), A);
        for (String close :
                List.of("close", "close\t", "a, b, cLOse, upgrade, a, keep-alive", "keep-alive\r\nConnection: close")) {
            add("Connection: " + printable(close), get("Connection: " + close) + GET_B)
                    .letsIn(A.without("connection"))
                    .ends();
        }
        add("close after a body", post("Content-Length: 5\r\nConnection: close", "hello") + "\r\n" + GET_B)
                .letsIn(HELLO)
                .ends();
        add("Proxy-Connection is no option", get("Proxy-Connection: close")).letsIn(A.without("proxy-connection"));
        add("Connection names a field", get("Connection: X-Secret, close\r\nX-Secret: 1\r\nX-Kept: 2"))
                .letsIn(A.without("x-secret").with("x-kept: 2"))
                .ends();
        add("Connection names the length", post("Connection: Content-Length\r\nContent-Length: 5", "hello") + GET_B)
                .letsIn(HELLO, B);
        add(
                        "Connection names the chunks",
                        post("Connection: a, transfer-encoding\r\nTransfer-Encoding: chunked", HELLO_CHUNKS) + GET_B)
                .letsIn(HELLO, B);
        add("Connection names Host", get("Connection: Host, authorization")).letsIn(A);
        add("TE and Keep-Alive are for the next hop alone", get("TE: trailers\r\nKeep-Alive: 300"))
                .letsIn(A.without("te").without("keep-alive"));
    }

    /** 6.3; RFC 9110, 8.6. */
    private void lengths() {
        for (String length : List.of("005\r\nOhai: world", "  5  ", "\t5\t ")) {
            add("Content-Length: " + printable(length), post("Content-Length:" + length, "hello"))
                    .letsIn(HELLO);
        }
        add("a length in mixed case", get("conTENT-Length: 5") + "HELLO").letsIn(new LetIn("GET", "/a", "HELLO"));
        refuseEach(
                "hello!",
                "Content-Length: 1\r\nContent-Length: 2",
                "Content-Length: 5 \r\nContent-Length: 5\r\nContent-Length:5",
                "Content-Length: 5, 6",
                "Content-Length: 5 , 5",
                "Content-Length:",
                "Content-Length: 4 2",
                "Content-Length: +5",
                "Content-Length: -5",
                "Content-Length: 5x",
                "Content-Length: 0x5",
                "Content-Length: 5;a",
                "Content-Length: 1_0",
                "Content-Length: \u00b2",
                "Content-Length: 9223372036854775808",
                "Content-Length: 1000000000000000000000");
        refuse("HEAD without Host", "HEAD /a HTTP/1.1\r\n\r\n"); // without a body
        add("a length of 18 digits", post("Content-Length: 999999999999999999", "hello"))
                .callerLeaves();
        add("HEAD with length 0 and close", head("HEAD /a HTTP/1.1", "Connection: close\r\nContent-Length: 0"))
                .letsIn(request("HEAD", "/a"))
                .ends();
        for (String method : List.of("GET", "HEAD", "DELETE", "OPTIONS")) {
            add(
                            "a body of " + method + " that looks like a request",
                            head(method + " /a HTTP/1.1", "Content-Length: " + GET_B.length()) + GET_B)
                    .letsIn(new LetIn(method, "/a", GET_B));
        }
        add("length 0 and a request behind it", post("Content-Length: 0", "") + GET_B)
                .letsIn(request("POST", "/a"), B);
        add("no length and a request behind it", post("", "") + GET_B).letsIn(request("POST", "/a"), B);
        add("an underscore makes another field", post("Content_Length: 50\r\nContent-Length: 5", "hello"))
                .letsIn(HELLO.with("content_length: 50"));
    }

    /** 6.1. */
    private void encodings() {
        refuse("CL.TE", post("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\nG"));
        refuse("TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 3", "1\r\nG\r\n0\r\n\r\n"));
        refuseEach(
                "hello",
                "Content-Length: 5\r\nTransfer-Encoding: identity",
                "Transfer-Encoding: xchunked\r\nContent-Length: 5",
                "Content-Length: 5\r\nTransfer-Encoding:\r\nTransfer-Encoding:");
        refuseEach(
                LAST_CHUNK,
                "Content-Length: notdigits\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: gzip",
                "Transfer-Encoding: ",
                "Transfer-Encoding: chunked, deflate",
                "Transfer-Encoding: deflate, chunked",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: deflate",
                "Transfer-Encoding: deflate\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked, chunked\r\nTransfer-Encoding: identity",
                "Transfer-Encoding: chunkedchunked",
                "Transfer-Encoding: \"chunked\"",
                "Transfer-Encoding: chunked;a=b",
                "Transfer-Encoding: ,chunked",
                "Transfer-Encoding: chunked,",
                "Transfer-Encoding: \u000bchunked",
                "Transfer-Encoding: chunked\u00a0",
                "Transfer-Encoding: chunked\f");
        for (String field :
                List.of("TRANSFER-ENCODING: cHuNkEd", "Transfer-Encoding:\tchunked\t", "Transfer-Encoding:chunked")) {
            add(printable(field), post(field, HELLO_CHUNKS)).letsIn(HELLO);
        }
        add(
                        "an underscore makes another field of an encoding",
                        post("Transfer_Encoding: chunked\r\nContent-Length: 5", LAST_CHUNK))
                .letsIn(new LetIn("POST", "/a", LAST_CHUNK).with("transfer_encoding: chunked"));
        add("chunks of GET", get("Transfer-Encoding: chunked") + HELLO_CHUNKS + GET_B)
                .letsIn(new LetIn("GET", "/a", "hello"), B);
        add("TE.0", head("OPTIONS /a HTTP/1.1", "Transfer-Encoding: chunked") + LAST_CHUNK + GET_B)
                .letsIn(request("OPTIONS", "/a"), B);
    }

    /** 7.1; extensions: docs/decisions/http.md; trailers: RFC 9110, 6.5. */
    private void chunks() {
        add("sizes in both cases", chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"))
                .letsIn(new LetIn("POST", "/a", "01234567890123456789"));
        add("sizes in mixed case", chunked("aA\r\n" + "x".repeat(0xaa) + "\r\n0\r\n\r\n"))
                .letsIn(new LetIn("POST", "/a", "x".repeat(0xaa)));
        add("no chunk but the last", chunked(LAST_CHUNK)).letsIn(request("POST", "/a"));
        for (String body : List.of(
                "2\r\nhe\r\n3\r\nllo\r\n000\r\n\r\n",
                "0000000000000000005\r\nhello\r\n0\r\n\r\n",
                "2;one;two=three\r\nhe\r\n3;x=\"y;z\"\r\nllo\r\n0;end\r\n\r\n",
                "5;\r\nhello\r\n0\r\n\r\n",
                "5;a=\"I \\\"love\\\"; \\\\it\\\\\";b\r\nhello\r\n0\r\n\r\n",
                "1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n")) {
            add("chunks " + printable(body), chunked(body)).letsIn(HELLO);
        }
        refuseChunks(
                "5 words\r\nhello\r\n0\r\n\r\n",
                "5 \n  \r\nhello\r\n0\r\n\r\n",
                "5  \r\nhello\r\n0 \r\n\r\n",
                "5 \t \r\nhello\r\n0\r\n\r\n",
                " 5\r\nhello\r\n0\r\n\r\n",
                "5\r\nhello\r\n\t0\r\n\r\n",
                "5\r\nhello0\r\n\r\n",
                "5\r\nhello!\r\n0\r\n\r\n",
                "5\r\nhello__0\r\n\r\n",
                "5\r\nhello\r_0\r\n\r\n",
                "5\r\nhello_\n0\r\n\r\n",
                "5\r\nhello\n0\r\n\r\n",
                "5\nhello\r\n0\r\n\r\n",
                "5\r\nhello\r\n0\n\r\n",
                "5\r\r\nhello\r\n0\r\n\r\n",
                "5;a=b\nhello\r\n0\r\n\r\n",
                "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n",
                "5;a\rb\r\nhello\r\n0\r\n\r\n",
                "2;\nxx\r\n" + Integer.toHexString(GET_B.length()) + "\r\n" + GET_B + LAST_CHUNK,
                "5;" + "x".repeat(9_000) + "\r\nhello\r\n0\r\n\r\n",
                ";a=b\r\nhello\r\n0\r\n\r\n",
                "\r\nhello\r\n0\r\n\r\n",
                "xyz\r\nhello\r\n0\r\n\r\n",
                "0x5\r\nhello\r\n0\r\n\r\n",
                "+5\r\nhello\r\n0\r\n\r\n",
                "-5\r\nhello\r\n0\r\n\r\n",
                "5,5\r\nhello\r\n0\r\n\r\n",
                "5\u0000;\r\nhello\r\n0\r\n\r\n",
                "9".repeat(100) + "\r\nhello",
                "100000005\r\nhello\r\n0\r\n\r\n", // 5 in 32 bits
                "10000000000000005\r\nhello\r\n0\r\n\r\n", // 5 in 64 bits
                "100000000\r\n\r\n" + GET_B);
        add("a chunk like a request", chunked(Integer.toHexString(GET_B.length()) + "\r\n" + GET_B + "\r\n0\r\n\r\n"))
                .letsIn(new LetIn("POST", "/a", GET_B));
        add("a request behind the last chunk", chunked(HELLO_CHUNKS) + GET_B).letsIn(HELLO, B);
        add("what is no request behind the last chunk", chunked(HELLO_CHUNKS) + "X\r\n\r\n")
                .letsIn(HELLO)
                .refuses(400);
        refuseChunks(
                "5\r\nhello\r\n0\r\nVary: *\r\nX-Sum: 1\r\n\r\n",
                "5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n" + GET_B,
                "5\r\nhello\r\n0\r\nGET /b HTTP/1.1\r\n\r\n",
                "5\r\nhello\r\n0\r\nX-Sum: 1\n\r\n",
                "5\r\nhello\r\n0\r\n X-Sum: 1\r\n\r\n",
                "5\r\nhello\r\n0\r\nX-Sum: " + "x".repeat(70_000) + "\r\n\r\n");
    }

    /** 2.2; folded lines: 5.2. */
    private void lines() {
        refuseEach(
                "1\r\nA\r\n0\r\n\r\n",
                "Foo: 1\rBar: 2",
                "x:\rTransfer-Encoding: chunked",
                "x:\nTransfer-Encoding: chunked",
                "Dummy: x\nContent-Length: 23",
                "Connection: keep\ralive",
                "Content\rLength: 5",
                "Foo: bar\r\n Content-Length: 38",
                "X-A: b\r\n Transfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\n  abc",
                "Content-Length:\r\n 36",
                "Expect:\r\n 100-continue",
                "Connection: Something,\r\n Upgrade, ,Keep-Alive",
                "Line4: \r\n \r\nX: 1",
                "Some: multi-line\r\n\tnonsense\r\n    \t   \t\tI guess",
                "name\r\n : value");
        for (String bytes : List.of(
                "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\rabc",
                "GET /a HTTP/1.1\r\nHost: localhost\r\n\rZGET /b HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST /a HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n1\nA\n0\n\n",
                "GET /a HTTP/1.1\r\nHost: localhost\r\n\n",
                "GET /a HTTP/1.1\rHost: localhost\r\n\r\n",
                "GET /a HTTP/1.1\r\n Host: localhost\r\n\r\n",
                "GET /a HTTP/1.1\r\n\tHost: localhost\r\n\r\n",
                "GET /a HTTP/1.1\r\nHost : localhost\r\n\r\n",
                "GET /a HTTP/1.1\r\nHost: localhost\r\n evil.example\r\n\r\n",
                "GET /a HTTP/1.1\r\nHost: foo\u0000bar\r\n\r\n",
                "\n" + GET_B,
                "\r" + GET_B,
                " " + GET_B,
                "\u0000",
                "\u0016\u0003\u0001\u0000\u00a5\u0001", // the start of TLS
                "gibberish\r\n\r\n")) {
            refuse(printable(bytes), bytes);
        }
        add("an empty line before a request", "\r\n" + get("")).letsIn(A);
        add("two empty lines between requests", post("Content-Length: 5", "hello") + "\r\n\r\n" + GET_B)
                .letsIn(HELLO, B);
    }

    /** 2.3, 3; methods: RFC 9110, 9.1; CONNECT: RFC 9110, 9.3.6. */
    private void requestLines() {
        refuseLines(
                "SOURCE /a ICE/1.0",
                "GET /a IHTTP/1.0",
                "PRI * HTTP/1.1",
                "GET /a HTTP/1.1 xxxxxx",
                "GET /a HTTP/1.1 ",
                "GET  /a HTTP/1.1",
                "GET\t/a HTTP/1.1",
                "GET /a\tHTTP/1.1",
                "GET\f/a HTTP/1.1",
                "GET\r/a HTTP/1.1",
                "GET  HTTP/1.1",
                "GET /a",
                "G@T /a HTTP/1.1",
                "GE\u0001T /a HTTP/1.1",
                "CONNECT other:443 HTTP/1.1",
                "CONNECT /_goRPC_ HTTP/1.1",
                "CONNECT []%20%48%54%54%50%2f%31%2e%31%0a HTTP/1.1");
        for (String version :
                List.of("0.9", "1.0", "1.2", "2.0", "5.6", "1", "1.", "1.10", "01.1", "1.1x", "A.B", "1,1")) {
            refuseLines("GET /a HTTP/" + version);
        }
        refuseLines("GET /a http/1.1");
        refuse("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        refuse("CONNECT with bytes behind it", head("CONNECT a_0.example:443 HTTP/1.1", "") + "some data\r\nand more");
        for (String method : List.of("PURGE", "LINK", "TRACE", "get", "M-SEARCH", "!#$%&'*+-.^_`|~09")) {
            add("method " + method, head(method + " /a HTTP/1.1", "")).letsIn(request(method, "/a"));
        }
        for (String method : List.of("PATCH", "QUERY")) {
            add(
                            method + " with a body",
                            head(method + " /a HTTP/1.1", "If-Match: \"e\"\r\nContent-Length: 5") + "hello")
                    .letsIn(new LetIn(method, "/a", "hello").with("if-match: \"e\""));
        }
        add("a request line at the limit", head("GET /" + "x".repeat(8192 - 15) + " HTTP/1.1", ""))
                .letsIn(request("GET", "/" + "x".repeat(8192 - 15)));
        add("a request line one beyond the limit", head("GET /" + "x".repeat(8192 - 14) + " HTTP/1.1", ""))
                .refuses(414);
    }

    /** 3.2. */
    private void targets() {
        refuseLines(
                "GET localhost:80 HTTP/1.1",
                "GET http://localhost:1234/a HTTP/1.1",
                "GET http://localhost?hail=all HTTP/1.1",
                "GET http://a%12:b!&*$@localhost:1234/a HTTP/1.1",
                "GET http://www.example.com/ HTTP/1.1",
                "NOTIFY * HTTP/1.1",
                "GET ../../../../etc/passwd HTTP/1.1",
                "GET /\u00ce\u00b4/t HTTP/1.1",
                "GET /\u00e5\u0098\u008d\u00e5\u0098\u008a HTTP/1.1", // ends in CR LF when cut to bytes
                "GET /a?page=1#posts HTTP/1.1",
                "GET /a\\b HTTP/1.1",
                "GET /foo bar/ HTTP/1.1");
        for (char c : new char[] {'\u0000', '\u0001', '\u007f', '\n', '\r', '\u0085'}) {
            refuseLines("GET /" + c + " HTTP/1.1");
        }
        add("an asterisk with OPTIONS", head("OPTIONS * HTTP/1.1", "")).letsIn(request("OPTIONS", "*"));
        for (String target : List.of(
                "/",
                "/a?",
                "/api/v1/pods/",
                "//user@host/is/actually/a/path/",
                "/with_\"lovely\"_quotes?foo=\"bar\"",
                "/test.cgi?foo=bar?query=|",
                "/a/../b//c%2fd/%2e%2e/",
                "/api/test?fields=ID%3Dfoo&param=value%252",
                "/a%0d%0aX:%20y%00")) {
            add("target " + target, head("DELETE " + target + " HTTP/1.1", "")).letsIn(request("DELETE", target));
        }
    }

    /** 3.2, Host. */
    private void hosts() {
        refuse("no Host", "GET /a HTTP/1.1\r\n\r\n");
        refuseEach("", "Host: localhost", "hOSt:");
        refuse("a control character in Host", "GET /a HTTP/1.1\r\nHost: \u0006\r\n\r\n");
        for (String host :
                List.of("", "\u00ff", "{", "localhost@evil.example", "localhost, evil.example", "a#localhost")) {
            add("Host: " + printable(host), "GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                    .refuses(403);
        }
        for (String host : List.of("localhost:80", "127.0.0.1", "[::1]:80", "[::1]")) {
            add("Host: " + host, "GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                    .letsIn(A);
        }
        add("a page of another site", get("Origin: http://evil.example")).refuses(403);
    }

    /** 5; RFC 9110, 5. */
    private void fields() {
        add("spaces and tabs around a value", get("Header1: Value1\r\nHeader2:\t Value2 \t"))
                .letsIn(A.with("header1: Value1").with("header2: Value2"));
        add("no space before a value", get("aaaaaaaaaaaaa:++++++++++")).letsIn(A.with("aaaaaaaaaaaaa: ++++++++++"));
        add("bytes beyond ASCII in a value", get("Test: D\u00c3\u00bcsseldorf\r\nX: \u00ffValue2"))
                .letsIn(A.with("test: D\u00c3\u00bcsseldorf").with("x: \u00ffValue2"));
        add("a tab within a value", get("foo: foo\tfoo")).letsIn(A.with("foo: foo\tfoo"));
        add("an empty value", get("Foo:\r\nBar: \t \t ")).letsIn(A.with("foo: ").with("bar: "));
        refuseEach(
                LAST_CHUNK,
                "Fo@: Failure",
                "Foo\u0001test: Bar",
                "foo\u00ffbar: foo",
                "foo\u0000bar: foo",
                "A space: foo",
                ": Bar",
                "name",
                "Foo\t: bar",
                "Content-Length : 5",
                "Transfer-Encoding : chunked",
                "Transfer-Encoding\t: chunked",
                "Transfer-Encoding\u0000: chunked");
        for (char c : new char[] {'\u0000', '\u0001', '\u0008', '\u000b', '\f', '\u001b', '\u001f', '\u007f'}) {
            refuseEach("", "Foo: asd" + c + "x");
        }
        add("a head at the limit", get("X: " + "x".repeat(65536 - get("X: ").length())))
                .letsIn(A);
        add(
                        "a head one beyond the limit",
                        get("X: " + "x".repeat(65537 - get("X: ").length())))
                .refuses(431);
        add("Impersonate- goes through", get("Impersonate-User: jane")).letsIn(A.with("impersonate-user: jane"));
        add("the caller's own credential does not", get("Authorization: Bearer x\r\nauthorization: Basic y"))
                .letsIn(A);
    }

    /** 9.3.2, 9.6. */
    private void pipelines() {
        add(
                        "three with bodies and one without",
                        post("Content-Length: 3", "AAA")
                                + head("PUT /b HTTP/1.1", "Content-Length: 4") + "BBBB"
                                + head("GET /c HTTP/1.1", "Content-Length: 5") + "CCCCC" + GET_B)
                .letsIn(
                        new LetIn("POST", "/a", "AAA"),
                        new LetIn("PUT", "/b", "BBBB"),
                        new LetIn("GET", "/c", "CCCCC"),
                        B);
        add("what is no request behind one", get("") + "SADF\r\n\r\n").letsIn(A).refuses(400);
        add("a hundred at once", get("").repeat(100))
                .letsIn(Collections.nCopies(100, A).toArray(new LetIn[0]));
        refuse("a request behind one that is malformed", get("X Y: 1") + GET_B);
        add("a request behind one for another host", "GET /a HTTP/1.1\r\nHost: evil.example\r\n\r\n" + GET_B)
                .refuses(403);
        refuse("a request behind one without Host", "GET /a HTTP/1.1\r\n\r\n" + GET_B);
        refuse(
                "a request behind a body of one without Host",
                "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" + GET_B);
        refuse("a request behind CONNECT", head("CONNECT other:443 HTTP/1.1", "") + GET_B);
        add(
                        "two requests behind one that is refused in the middle",
                        get("") + "GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n" + GET_B + GET_B)
                .letsIn(A)
                .refuses(403);
        refuseChunks("5\r\nhelloX\r\n" + head("DELETE /b HTTP/1.1", ""));
        add("many behind close", get("Connection: close") + GET_B.repeat(50))
                .letsIn(A)
                .ends();
        refuse("HTTP/1.0 with a request behind it", head("POST /a HTTP/1.0", "Content-Length: 5") + "hello" + GET_B);
    }

    /** RFC 9110, 10.1.1. */
    private void expectations() {
        String expecting = post("Expect: 100-continue\r\nContent-Length: 5", "hello");
        add("100-continue twice, pipelined", expecting + expecting + GET_B).letsIn(HELLO, HELLO, B);
        add("100-continue in mixed case", post("Expect: 100-Continue\r\nContent-Length: 5", "hello"))
                .letsIn(HELLO);
        add("100-continue without a body", get("Expect: 100-continue") + GET_B).letsIn(A, B);
        add(
                        "100-continue with chunks",
                        post("Expect: 100-continue\r\nTransfer-Encoding: chunked", HELLO_CHUNKS) + GET_B)
                .letsIn(HELLO, B);
        for (String expectation : List.of("200-ok", "y 100-continue")) {
            add("Expect: " + expectation, post("Expect: " + expectation + "\r\nContent-Length: 5", "hello") + GET_B)
                    .letsIn(HELLO, B);
        }
        add(
                        "100-continue with a body of GET that looks like a request",
                        get("Expect: 100-continue\r\nContent-Length: " + GET_B.length()) + GET_B)
                .letsIn(new LetIn("GET", "/a", GET_B));
    }

    /** RFC 9110, 7.8. The WebSocket draft hixie-76 has 8 bytes after its headers, which no RFC knows. */
    private void upgrades() {
        add(
                        "an upgrade, refused, with a body and a request behind it",
                        head("PUT /a HTTP/1.1", UPGRADE + "a, b\r\nContent-Length: 4") + "abcd" + GET_B)
                .letsIn(new LetIn("PUT", "/a", "abcd").with("upgrade: a, b").with("connection: upgrade"), B);
        add(
                        "an upgrade to HTTP/2.0, refused, with more behind its body",
                        post(UPGRADE + "HTTP/2.0\r\nContent-Length: 5", "hello") + "Hot diggity dogg\r\n\r\n")
                .letsIn(HELLO)
                .refuses(400);
        add("hixie-76, refused, with its 8 bytes", get(UPGRADE + "WebSocket\r\n" + KEYS) + "Hot digg\r\n\r\n")
                .letsIn(A)
                .refuses(400);
        for (String fields : List.of(KEYS, KEYS + "\r\nContent-Length: 0", "Sec-WebSocket-Key1: 1")) {
            add("a request behind " + printable(fields), get(fields) + GET_B).letsIn(A, B);
        }
        add("keys and a request of 8 bytes more", get(KEYS) + "\r\n\r\n\r\n\r\n" + GET_B)
                .letsIn(A, B);
        add("keys and bytes for another caller", get(KEYS) + "DELETE /b HTTP/1.1\r\nX: ")
                .letsIn(A)
                .callerLeaves();
        add("keys and 8 bytes", get(KEYS) + "DELETE /").letsIn(A).callerLeaves();
        add("keys and length 8", get(KEYS + "\r\nContent-Length: 8") + "8 bytes." + GET_B)
                .letsIn(new LetIn("GET", "/a", "8 bytes."), B);
        add("keys and chunks", get(KEYS + "\r\nTransfer-Encoding: chunked") + LAST_CHUNK + GET_B)
                .letsIn(A, B);
        add(
                        "h2c",
                        get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: H2C, h2c-14\r\nHTTP2-Settings: AAMAAABk")
                                + GET_B)
                .letsIn(A.without("upgrade").without("http2-settings").without("connection"), B);
        add("h2c among others", get(UPGRADE + "websocket, H2C, b") + GET_B).letsIn(A.with("upgrade: websocket, b"), B);
        add("Upgrade without Connection", get("Upgrade: websocket")).letsIn(A.without("upgrade"));
        add("an upgrade in Connection alone", get("Connection: Upgrade")).letsIn(A.without("connection"));
    }

    /** 8. */
    private void incomplete() {
        for (String bytes : List.of(
                "GET /",
                "\r\n",
                "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Leng",
                "GET /a HTTP/1.1\r\nHost: localhost\r\nheader:foo\r\n",
                post("Content-Length: 100", "12345"),
                post("Content-Length: 123", "") + post("Content-Length: 456", ""),
                chunked("3\r\nfoo\r\n"),
                chunked("8\r\n012345"),
                chunked("5\r\nhello\r\n0\r\n"))) {
            add("only " + printable(bytes), bytes).callerLeaves();
        }
        add("half a request behind a whole one", get("") + "DELETE /b HTTP/1.1\r\nX-")
                .letsIn(A)
                .callerLeaves();
    }

    private void proxying() {
        add("a compressed body", post("Content-Encoding: gzip\r\nContent-Length: 5", "\u001f\u008b\b\u0000\u00ff"))
                .letsIn(new LetIn("POST", "/a", "\u001f\u008b\b\u0000\u00ff").with("content-encoding: gzip"));
        add("a body with line ends in it", post("Content-Length: 9", "\r\n\r\n0\r\n\r\n"))
                .letsIn(new LetIn("POST", "/a", "\r\n\r\n0\r\n\r\n"));
    }
}
