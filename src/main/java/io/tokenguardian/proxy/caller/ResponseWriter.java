package io.tokenguardian.proxy.caller;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.tokenguardian.proxy.http.BufferShare;
import io.tokenguardian.proxy.http.CallerResponseEncoder;
import io.tokenguardian.proxy.request.ResponseHeaders;
import org.jspecify.annotations.Nullable;

/** Writes the responses to one caller, one at a time, and knows whether another request may follow. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends the channel, which channelInactive reports
final class ResponseWriter {

    /** A connection never returns to an earlier state. */
    private enum State {
        OPEN,
        /** The current response is the last response on this connection. */
        LAST_RESPONSE,
        /** Like {@link #LAST_RESPONSE}, but only closing the connection marks the end of the body. */
        BODY_UNTIL_CLOSE,
        /** Any bytes that still arrive are discarded (RFC 9112, section 9.6). */
        CLOSING
    }

    /** In bytes. Writing a larger body separately costs less than copying it behind its headers. */
    private static final int COPIED_BODY = 8 << 10;

    private final Channel channel;
    private final BufferShare share;
    private final CallerResponseEncoder encoder = new CallerResponseEncoder();
    private State state = State.OPEN;

    /** The current response's headers, until it is known whether the whole body has arrived too; else null. */
    private @Nullable HttpResponse unwrittenHead;

    ResponseWriter(Channel channel, BufferShare share) {
        this.channel = channel;
        this.share = share;
    }

    CallerResponseEncoder encoder() {
        return encoder;
    }

    /** Whether another request may follow the current response. */
    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean endsByClose() {
        return state == State.BODY_UNTIL_CLOSE;
    }

    boolean isClosing() {
        return state == State.CLOSING;
    }

    void closeAfterResponse() {
        if (state == State.OPEN) {
            state = State.LAST_RESPONSE;
        }
    }

    /** Drops the current response. Called before the connection is closed. */
    void startClosing() {
        unwrittenHead = null;
        state = State.CLOSING;
    }

    /** Returns whether the write buffer has room for more. */
    boolean writeInformational(HttpResponse response) {
        encoder.toHead(false);
        channel.write(response);
        channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        return channel.isWritable();
    }

    /** Does not flush. */
    void writeSwitch(HttpResponse response) {
        encoder.toHead(false);
        channel.write(response);
        channel.write(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    /** See {@link CallerHandler#writeHead}. */
    void writeHead(HttpResponse response, boolean toHead, boolean keepAlive) {
        share.setLimits(channel);
        encoder.toHead(toHead);
        if (!toHead && ResponseHeaders.endsWithConnection(response)) {
            state = State.BODY_UNTIL_CLOSE;
        } else if (!keepAlive) {
            closeAfterResponse();
        }
        if (state != State.OPEN) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        if (response instanceof FullHttpResponse) {
            channel.write(response);
        } else {
            unwrittenHead = response;
        }
    }

    void writeUnwrittenHead() {
        if (unwrittenHead != null) {
            channel.write(unwrittenHead);
            unwrittenHead = null;
        }
    }

    /** Returns whether the write buffer has room for more. */
    boolean write(HttpContent content) {
        writeUnwrittenHead();
        channel.write(content);
        return channel.isWritable();
    }

    void flush() {
        writeUnwrittenHead();
        channel.flush();
    }

    /** Writes the end of a response that another response may follow, and flushes it. */
    void writeLast(Object last) {
        if (last instanceof LastHttpContent body && unwrittenHead != null && fitsBehind(unwrittenHead, body)) {
            encoder.writeWhole(unwrittenHead, body.content());
            unwrittenHead = null;
        } else {
            writeUnwrittenHead();
            channel.write(last);
        }
        channel.flush();
    }

    private static boolean fitsBehind(HttpResponse head, LastHttpContent body) {
        return body.content().readableBytes() <= COPIED_BODY
                && !head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
    }
}
