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

    /** Returns a request with a failed result, in place of refused headers. */
    static HttpRequest headers(ByteBuf in, RequestRefusedException cause) {
        HttpMethod method = isHead(in, in.readerIndex()) ? HttpMethod.HEAD : HttpMethod.GET;
        in.skipBytes(in.readableBytes());
        HttpRequest refused = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, "/");
        refused.setDecoderResult(DecoderResult.failure(cause));
        return refused;
    }

    /**
     * Whether the method of the request at index {@code from} is HEAD, ignoring any empty lines before it. If so, the
     * response has no body, even if the request is refused.
     */
    static boolean isHead(ByteBuf in, int from) {
        int method = from;
        while (method < in.writerIndex() && (in.getByte(method) == '\r' || in.getByte(method) == '\n')) {
            method++;
        }
        int length = Math.min(HEAD.length(), in.writerIndex() - method);
        return in.toString(method, length, StandardCharsets.ISO_8859_1).equals(HEAD);
    }

    /** Returns a last part with a failed result, in place of the remainder of a refused body. */
    static LastHttpContent rest(ByteBuf in, RequestRefusedException cause) {
        in.skipBytes(in.readableBytes());
        LastHttpContent refused = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        refused.setDecoderResult(DecoderResult.failure(cause));
        return refused;
    }
}
