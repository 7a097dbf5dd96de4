package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Encodes requests as Netty does, but a whole request with a small body into one buffer on the heap. Netty would create
 * one or two direct buffers. Its TLS handler would join them, and the JDK's TLS would copy them into an array.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the promise reports a failed write
public final class UpstreamRequestEncoder extends HttpRequestEncoder {

    /** The initial size of the buffer for headers, in bytes. A bearer token is more than a thousand bytes long. */
    private static final int HEAD = 2 << 10;

    /** The largest body, in bytes, that is copied behind its headers, so that both usually fit into one TLS record. */
    public static final int COPIED_BODY = 14 << 10;

    /** In bytes (RFC 8446, section 5.1). A server can't decrypt an incomplete record. */
    private static final int TLS_RECORD = 16 << 10;

    private static final int CRLF = ('\r' << 8) | '\n';

    /** Whether a request's headers have been written, but not the end of its body. */
    private boolean inBody;

    /** Returns a request that is written as one buffer if its body is small. Keeps its own reference to the body. */
    public static FullHttpRequest whole(HttpRequest head, LastHttpContent body) {
        return new DefaultFullHttpRequest(
                head.protocolVersion(),
                head.method(),
                head.uri(),
                body.content().retainedDuplicate(),
                head.headers(),
                body.trailingHeaders());
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof FullHttpRequest whole
                && whole.content().readableBytes() <= COPIED_BODY
                && !HttpUtil.isTransferEncodingChunked(whole)
                && !inBody) {
            int body = whole.content().readableBytes();
            ByteBuf bytes = encode(whole, ctx);
            if (bytes.readableBytes() > TLS_RECORD) {
                // The body may be in a different record from the headers.
                ctx.write(bytes.readRetainedSlice(bytes.readableBytes() - body), promise);
                ctx.write(bytes);
            } else {
                ctx.write(bytes, promise);
            }
        } else {
            inBody = message instanceof HttpObject && !(message instanceof LastHttpContent);
            super.write(ctx, message, promise);
        }
    }

    private ByteBuf encode(FullHttpRequest whole, ChannelHandlerContext ctx) throws Exception {
        ByteBuf bytes = ctx.alloc().heapBuffer(HEAD + whole.content().readableBytes());
        try {
            encodeInitialLine(bytes, whole);
            encodeHeaders(whole.headers(), bytes);
            ByteBufUtil.writeShortBE(bytes, CRLF);
            return bytes.writeBytes(whole.content());
        } catch (Exception e) {
            bytes.release();
            throw e;
        } finally {
            whole.release();
        }
    }
}
