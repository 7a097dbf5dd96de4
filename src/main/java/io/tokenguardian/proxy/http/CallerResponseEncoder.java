package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Encodes responses as Netty does, with four differences. The version is always the proxy's own, HTTP/1.1. A response
 * to HEAD keeps the headers that describe a body, but has no body. A 205 keeps the body that its headers announce,
 * which Netty would omit. A 1xx or 204 keeps all headers.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends the channel, which channelInactive reports
public final class CallerResponseEncoder extends HttpResponseEncoder {

    /** The initial size of the buffer for headers, in bytes: enough for most responses. */
    private static final int HEAD = 512;

    private static final AsciiString VERSION = AsciiString.cached("HTTP/1.1 ");
    private static final int CRLF = ('\r' << 8) | '\n';

    private @Nullable ChannelHandlerContext context;
    private boolean toHead;

    /** Sets whether the next response is to a HEAD request. */
    public void toHead(boolean yes) {
        toHead = yes;
    }

    /**
     * Writes headers and body as one buffer, because that costs less than a gathering write of two buffers.
     *
     * @param response must contain a length if this kind of response has a body
     * @param body dropped if this kind of response has none
     */
    public void writeWhole(HttpResponse response, ByteBuf body) {
        ChannelHandlerContext ctx = Objects.requireNonNull(context, "not in a pipeline");
        ByteBuf bytes = ctx.alloc().buffer(HEAD + body.readableBytes());
        encodeInitialLine(bytes, response);
        encodeHeaders(response.headers(), bytes);
        ByteBufUtil.writeShortBE(bytes, CRLF);
        if (!isContentAlwaysEmpty(response)) {
            bytes.writeBytes(body);
        }
        body.release();
        ctx.write(bytes);
    }

    /** Declares no exception, so that {@link #writeWhole} need not declare one either. */
    @Override
    protected void encodeInitialLine(ByteBuf into, HttpResponse response) {
        ByteBufUtil.copy(VERSION, into);
        ByteBufUtil.copy(response.status().codeAsText(), into);
        into.writeByte(' ');
        into.writeCharSequence(response.status().reasonPhrase(), StandardCharsets.ISO_8859_1);
        ByteBufUtil.writeShortBE(into, CRLF);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
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
