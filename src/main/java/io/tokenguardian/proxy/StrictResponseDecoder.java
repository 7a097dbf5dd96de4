package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.util.AsciiString;
import java.util.List;

/**
 * Netty's response decoder for one request at a time, held to RFC 9112: status line (section 4) and the length of the
 * body (section 6.3) are the RFC's and nothing else. What is malformed comes out as a response whose result has failed.
 */
final class StrictResponseDecoder extends HttpResponseDecoder {

    /** Answers come from one server that we trust not to attack us; the limits are there against a broken one. */
    private static final int MAX_STATUS_LINE = 16 << 10;

    private static final int MAX_HEAD = 1 << 20;
    private static final int MAX_CHUNK = 64 << 10;

    private boolean answersHead;
    private boolean http10;

    StrictResponseDecoder() {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_STATUS_LINE)
                .setMaxHeaderSize(MAX_HEAD)
                .setMaxChunkSize(MAX_CHUNK)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false));
    }

    /** Says whether the next answer is one to HEAD, which has a body's headers but no body. */
    void answersHead(boolean yes) {
        answersHead = yes;
    }

    /** Whether bytes are here that belong to no answer: the connection is not in step with its requests any more. */
    boolean hasSurplus() {
        return actualReadableBytes() > 0;
    }

    /** Whether the last answer's own version is HTTP/1.0, after which a connection ends. */
    boolean isHttp10() {
        return http10;
    }

    /** Exactly one space behind the version; Netty would take any white space for it. */
    @Override
    protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
        int end = start + length;
        if (end + 1 >= line.length || line[end] != ' ' || !isDigit(line[end + 1])) {
            throw new IllegalArgumentException("no status behind the version");
        }
        return super.splitFirstWordInitialLine(line, start, length);
    }

    /** Netty would cut a name at its first space; only spaces right before the colon may go (RFC 9112, section 5.1). */
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        int at = start + length;
        while (at < line.length && (line[at] == ' ' || line[at] == '\t')) {
            at++;
        }
        if (at >= line.length || line[at] != ':') {
            throw new IllegalArgumentException("a space in a header's name");
        }
        return super.splitHeaderName(line, start, length);
    }

    /**
     * Made as one of HTTP/1.1, so that Netty goes by the rules of that for its length: in HTTP/1.0 it would take the first of several.
     */
    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        http10 = initialLine[0].equals("HTTP/1.0");
        if (!http10 && !initialLine[0].equals("HTTP/1.1")) {
            throw new IllegalArgumentException("the version is not HTTP/1.1 or HTTP/1.0");
        }
        if (!isStatus(initialLine[1])) {
            throw new IllegalArgumentException("the status is not three digits from 100 to 999");
        }
        if (initialLine[2].chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
            throw new IllegalArgumentException("a control character in the reason");
        }
        initialLine[0] = "HTTP/1.1";
        return super.createMessage(initialLine);
    }

    private static boolean isStatus(String text) {
        return text.length() == 3
                && text.charAt(0) >= '1'
                && text.chars().allMatch(digit -> digit >= '0' && digit <= '9');
    }

    private static boolean isDigit(byte value) {
        return value >= '0' && value <= '9';
    }

    /**
     * Without Netty's rule for a draft of WebSocket (hixie-76), by which a 101 may have a body of 16 bytes. What has a body may have it in
     * chunks, and in no other encoding: no reader would know where it ends.
     */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        HttpResponseStatus status = ((HttpResponse) message).status();
        if (answersHead
                || status.codeClass() == HttpStatusClass.INFORMATIONAL
                || status.code() == 204
                || status.code() == 304) {
            return true;
        }
        if (message.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            List<String> encodings = message.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
            if (http10
                    || encodings.size() != 1
                    || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.get(0))) {
                throw new IllegalArgumentException("a Transfer-Encoding that is not chunked, once, in HTTP/1.1");
            }
        }
        return false;
    }

    /** What follows a 101 is the other protocol's, whatever the response calls it. */
    @Override
    protected boolean isSwitchingToNonHttp1Protocol(HttpResponse response) {
        return HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status());
    }
}
