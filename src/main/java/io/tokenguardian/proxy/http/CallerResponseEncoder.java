package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Encodes responses as Netty does, with four differences. The version is always the proxy's own, HTTP/1.1. A response
 * to HEAD keeps the headers that describe a body, but has no body. A 205 keeps the body that its headers announce,
 * which Netty would omit. A 1xx or 204 keeps all headers.
 *
 * <p>If the body is small and complete, headers and body are written as one buffer, because that costs less than a
 * gathering write of two buffers.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends the channel, which channelInactive reports
public final class CallerResponseEncoder extends HttpResponseEncoder {

    /** The initial size of the buffer for headers, in bytes: enough for most responses. */
    private static final int HEAD = 512;

    /** In bytes. Writing a larger body separately costs less than copying it behind its headers. */
    private static final int COPIED_BODY = 8 << 10;

    private static final AsciiString VERSION = AsciiString.cached("HTTP/1.1 ");
    private static final int CRLF = ('\r' << 8) | '\n';

    private @Nullable HttpResponse unwritten;
    private boolean toHead;

    /** Keeps the headers of the next response until the next write or flush. */
    public void begin(HttpResponse response, boolean isToHead) {
        unwritten = response;
        toHead = isToHead;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        HttpResponse head = unwritten;
        if (head != null
                && message instanceof LastHttpContent last
                && last.content().readableBytes() <= COPIED_BODY
                && !head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            unwritten = null;
            ctx.write(whole(ctx, head, last.content()), promise);
        } else {
            writeHead(ctx);
            super.write(ctx, message, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) throws Exception {
        writeHead(ctx);
        ctx.flush();
    }

    private void writeHead(ChannelHandlerContext ctx) throws Exception {
        HttpResponse head = unwritten;
        if (head != null) {
            unwritten = null;
            super.write(ctx, head, ctx.newPromise());
        }
    }

    private ByteBuf whole(ChannelHandlerContext ctx, HttpResponse head, ByteBuf body) {
        ByteBuf bytes = ctx.alloc().buffer(HEAD + body.readableBytes());
        encodeInitialLine(bytes, head);
        encodeHeaders(head.headers(), bytes);
        ByteBufUtil.writeShortBE(bytes, CRLF);
        if (!isContentAlwaysEmpty(head)) {
            bytes.writeBytes(body);
        }
        body.release();
        return bytes;
    }

    @Override
    protected void encodeInitialLine(ByteBuf into, HttpResponse response) {
        ByteBufUtil.copy(VERSION, into);
        ByteBufUtil.copy(response.status().codeAsText(), into);
        into.writeByte(' ');
        into.writeCharSequence(response.status().reasonPhrase(), StandardCharsets.ISO_8859_1);
        ByteBufUtil.writeShortBE(into, CRLF);
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
        int status = response.status().code();
        return toHead
                || response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                || status == 204
                || status == 304;
    }

    /** Does nothing: the API server's headers are passed on unchanged. */
    @Override
    protected void sanitizeHeadersBeforeEncode(HttpResponse response, boolean isAlwaysEmpty) {}
}
