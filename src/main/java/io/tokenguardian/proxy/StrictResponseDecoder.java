package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;

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

    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        if (!initialLine[0].equals("HTTP/1.1") && !initialLine[0].equals("HTTP/1.0")) {
            throw new IllegalArgumentException("the version is not HTTP/1.1 or HTTP/1.0");
        }
        if (!isStatus(initialLine[1])) {
            throw new IllegalArgumentException("the status is not three digits from 100 to 999");
        }
        return super.createMessage(initialLine);
    }

    private static boolean isStatus(String text) {
        return text.length() == 3
                && text.charAt(0) >= '1'
                && text.chars().allMatch(digit -> digit >= '0' && digit <= '9');
    }

    /** Without Netty's rule for a draft of WebSocket (hixie-76), by which a 101 may have a body of 16 bytes. */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        HttpResponseStatus status = ((HttpResponse) message).status();
        if (status.codeClass() == HttpStatusClass.INFORMATIONAL) {
            return true;
        }
        return answersHead || status.code() == 204 || status.code() == 304;
    }

    /** What follows a 101 is the other protocol's, whatever the response calls it. */
    @Override
    protected boolean isSwitchingToNonHttp1Protocol(HttpResponse response) {
        return HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status());
    }
}
