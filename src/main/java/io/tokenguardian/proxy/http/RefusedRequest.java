package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;

/** What {@link StrictRequestDecoder} passes on in place of bytes that it refuses. All readable bytes are dropped. */
final class RefusedRequest {

    private static final String HEAD = "HEAD ";

    private RefusedRequest() {}

    static HttpRequest headers(ByteBuf in, RequestRefusedException cause) {
        HttpMethod method = isHead(in, in.readerIndex()) ? HttpMethod.HEAD : HttpMethod.GET;
        in.skipBytes(in.readableBytes());
        HttpRequest refused = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, "/");
        refused.setDecoderResult(DecoderResult.failure(cause));
        return refused;
    }

    /** Whether the method is HEAD, ignoring empty lines before it: the response then has no body, even if refused. */
    static boolean isHead(ByteBuf in, int from) {
        int method = from;
        while (method < in.writerIndex() && (in.getByte(method) == '\r' || in.getByte(method) == '\n')) {
            method++;
        }
        int length = Math.min(HEAD.length(), in.writerIndex() - method);
        return in.toString(method, length, StandardCharsets.ISO_8859_1).equals(HEAD);
    }

    static LastHttpContent rest(ByteBuf in, RequestRefusedException cause) {
        in.skipBytes(in.readableBytes());
        LastHttpContent refused = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        refused.setDecoderResult(DecoderResult.failure(cause));
        return refused;
    }
}
