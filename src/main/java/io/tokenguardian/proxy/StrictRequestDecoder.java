package io.tokenguardian.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Netty's request decoder with nothing let through on which two readers could differ. After a head that is refused
 * the rest of the connection is not read; the head comes out as a request whose {@link DecoderResult} has failed.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {

    private static final String CONTENT_LENGTH = "Content-Length:";

    private final HeadScanner scanner = new HeadScanner();
    private boolean inHead = true;
    private boolean refused;

    StrictRequestDecoder() {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(HeadScanner.MAX_REQUEST_LINE)
                .setMaxHeaderSize(HeadScanner.MAX_HEAD)
                .setMaxChunkSize(64 << 10)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (inHead && !headIsThere(in, out)) {
            return;
        }
        int before = out.size();
        super.decode(ctx, in, out);
        for (int i = before; i < out.size(); i++) {
            Object message = out.get(i);
            // Netty skips what follows a head or chunk that it can't parse; a scan of that would go on in the void.
            refused |= message instanceof HttpObject object
                    && object.decoderResult().isFailure();
            if (message instanceof HttpMessage) {
                inHead = false;
            }
            if (message instanceof LastHttpContent) {
                inHead = true;
                scanner.reset();
            }
        }
    }

    private boolean headIsThere(ByteBuf in, List<Object> out) {
        try {
            boolean complete = scanner.scan(in);
            if (complete && scanner.isHttp10()) {
                checkLengths(in.toString(in.readerIndex(), scanner.length(), StandardCharsets.ISO_8859_1));
            }
            return complete;
        } catch (RequestRefusedException e) {
            refused = true;
            in.skipBytes(in.readableBytes());
            DefaultHttpRequest refusedRequest = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
            refusedRequest.setDecoderResult(DecoderResult.failure(e));
            out.add(refusedRequest);
            return false;
        }
    }

    /** In HTTP/1.0, and nowhere else, Netty would take the first of several lengths. */
    private static void checkLengths(String head) {
        long lengths = head.lines()
                .filter(line -> line.regionMatches(true, 0, CONTENT_LENGTH, 0, CONTENT_LENGTH.length()))
                .count();
        if (lengths > 1) {
            throw new RequestRefusedException(ProxyFault.MALFORMED, "more than one Content-Length");
        }
    }

    /** Netty would drop the length and go on. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new RequestRefusedException(ProxyFault.MALFORMED, "both Content-Length and Transfer-Encoding");
    }
}
