package io.tokenguardian.proxy.http;

import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.util.AsciiString;

/** Netty's response decoder for one request at a time. Marks a malformed response with a failed decoder result. */
public final class StrictResponseDecoder extends HttpResponseDecoder {

    /** The limits, in bytes, protect only against a broken server: the API server is trusted not to attack. */
    private static final int MAX_STATUS_LINE = 16 << 10;

    private static final int MAX_HEAD = 1 << 20;

    private boolean toHead;

    public StrictResponseDecoder() {
        super(StrictRequestDecoder.config(MAX_STATUS_LINE, MAX_HEAD));
    }

    /** The headers of a response to HEAD may describe a body, but the response has none. */
    public void toHead(boolean yes) {
        toHead = yes;
    }

    /** Whether bytes that belong to no response are left over, which would be matched to the wrong request. */
    public boolean hasSurplus() {
        return actualReadableBytes() > 0;
    }

    /** Refuses bytes before the version, other versions, and a status below 100 or above 999; Netty doesn't. */
    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        if (!initialLine[0].equals("HTTP/1.1") && !initialLine[0].equals("HTTP/1.0")) {
            throw new IllegalArgumentException("the version is not HTTP/1.1 or HTTP/1.0");
        }
        HttpMessage message = super.createMessage(initialLine);
        int status = ((HttpResponse) message).status().code();
        if (status < 100 || status > 999) {
            throw new IllegalArgumentException("the status is not from 100 to 999");
        }
        return message;
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        return HeaderList.name(line, start, length);
    }

    /** Omits Netty's rule that a 101 may have a body, which comes from an old WebSocket draft (hixie-76). */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return toHead
                || ((HttpResponse) message).status().codeClass() == HttpStatusClass.INFORMATIONAL
                || super.isContentAlwaysEmpty(message);
    }

    /** After a 101, all bytes belong to the new protocol, whatever {@code Upgrade} contains. */
    @Override
    protected boolean isSwitchingToNonHttp1Protocol(HttpResponse response) {
        return HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status());
    }
}
