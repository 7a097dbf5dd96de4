package io.tokenguardian.proxy.http;

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
 * Netty's response decoder for one request at a time. It accepts only status lines and body lengths that conform to RFC
 * 9112 (sections 4 and 6.3). A malformed response is passed on with a failed decoder result.
 */
public final class StrictResponseDecoder extends HttpResponseDecoder {

    /**
     * The limits, in bytes, protect only against a broken server, because the API server is trusted not to attack the
     * proxy.
     */
    private static final int MAX_STATUS_LINE = 16 << 10;

    private static final int MAX_HEAD = 1 << 20;
    private static final int MAX_CHUNK = 64 << 10;

    private boolean toHead;
    private boolean http10;

    public StrictResponseDecoder() {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_STATUS_LINE)
                .setMaxHeaderSize(MAX_HEAD)
                .setMaxChunkSize(MAX_CHUNK)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false)
                .setHeadersFactory(HeaderList.FACTORY)
                .setTrailersFactory(HeaderList.FACTORY));
    }

    /**
     * Sets whether the next response is to a HEAD request. If so, the headers of that response may describe a body, but
     * the response has none.
     */
    public void toHead(boolean yes) {
        toHead = yes;
    }

    /**
     * Whether bytes that belong to no response are left over. If so, later responses would be matched to the wrong
     * requests.
     */
    public boolean hasSurplus() {
        return actualReadableBytes() > 0;
    }

    /** Whether the last response used HTTP/1.0. If so, the connection ends after that response. */
    public boolean isHttp10() {
        return http10;
    }

    /** Requires exactly one space after the version. Netty would accept any whitespace. */
    @Override
    protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
        int end = start + length;
        if (end + 1 >= line.length || line[end] != ' ' || !isDigit(line[end + 1])) {
            throw new IllegalArgumentException("no status after the version");
        }
        return super.splitFirstWordInitialLine(line, start, length);
    }

    /**
     * Refuses a space within a name. Netty would end the name at that space. A space before the colon is allowed (RFC
     * 9112, section 5.1).
     */
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        int at = start + length;
        while (at < line.length && (line[at] == ' ' || line[at] == '\t')) {
            at++;
        }
        if (at >= line.length || line[at] != ':') {
            throw new IllegalArgumentException("a space in a header name");
        }
        return HeaderNames.of(line, start, length);
    }

    /**
     * Treats every message as HTTP/1.1, so that Netty applies its length rules for that version. For HTTP/1.0, Netty
     * would use the first of several lengths.
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
        if (!isReason(initialLine[2])) {
            throw new IllegalArgumentException("a control character in the reason");
        }
        initialLine[0] = "HTTP/1.1";
        return super.createMessage(initialLine);
    }

    /** Whether a text is a valid reason phrase. Uses a loop instead of a stream, because it runs for every response. */
    private static boolean isReason(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static boolean isStatus(String text) {
        return text.length() == 3
                && text.charAt(0) != '0'
                && isDigit(text.charAt(0))
                && isDigit(text.charAt(1))
                && isDigit(text.charAt(2));
    }

    private static boolean isDigit(int value) {
        return value >= '0' && value <= '9';
    }

    /**
     * Omits Netty's rule that a 101 may have a 16-byte body, which comes from an old WebSocket draft (hixie-76). Allows
     * only the transfer encoding {@code chunked}, because any other encoding makes the end of the body ambiguous.
     */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        HttpResponseStatus status = ((HttpResponse) message).status();
        if (toHead
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
                throw new IllegalArgumentException("the only Transfer-Encoding allowed is chunked, once, in HTTP/1.1");
            }
        }
        return false;
    }

    /** After a 101, all bytes belong to the new protocol, whatever {@code Upgrade} contains. */
    @Override
    protected boolean isSwitchingToNonHttp1Protocol(HttpResponse response) {
        return HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status());
    }
}
