package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's request decoder, limited to one request at a time. It refuses whatever two readers could parse differently.
 *
 * <pre>
 *  READING ──end of a request──► PAUSED ──{@link #resume()}──► READING
 *     │                            │
 *     └── headers are refused ─────┴── {@link #discard()} ──► DISCARDING
 * </pre>
 *
 * <p>Bytes after a request are not decoded before its response is complete. One read may hold thousands of requests,
 * and objects take a hundred times as many bytes. While bytes wait, nothing is read. Refused headers are passed on as a
 * request with a failed {@link DecoderResult}. A refused body is passed on as its last part, with a failed result. All
 * bytes after them are dropped.
 */
public final class StrictRequestDecoder extends HttpRequestDecoder {

    private enum State {
        READING,
        PAUSED,
        DISCARDING
    }

    private static final String CONTENT_LENGTH = "Content-Length:";
    private static final String HEAD = "HEAD ";

    private final HeadScanner scanner = new HeadScanner();
    private final ChunkScanner chunks = new ChunkScanner();
    private final HeadCharge charge;
    private State state = State.READING;
    private boolean inHead = true;
    private boolean chunked;
    private boolean decoding;
    private int trailers;
    private int trailerBytes;

    /** The input index up to which each byte is charged as part of a trailer, or belongs to no trailer. */
    private int counted;

    private @Nullable ChannelHandlerContext context;

    /**
     * Makes the decoder of one connection.
     *
     * @param heads the budget for the headers of all connections
     */
    public StrictRequestDecoder(ByteBudget heads) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(HeadScanner.MAX_REQUEST_LINE)
                .setMaxHeaderSize(HeadScanner.MAX_HEAD)
                .setMaxChunkSize(64 << 10)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false)
                .setHeadersFactory(HeaderList.FACTORY)
                .setTrailersFactory(HeaderList.FACTORY));
        this.charge = new HeadCharge(heads);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        context = ctx;
    }

    /** Goes on with the bytes after the last request. Called when the response to that request is complete. */
    public void resume() {
        if (state != State.PAUSED) {
            return;
        }
        charge.end();
        state = State.READING;
        ChannelHandlerContext ctx = context;
        if (decoding || ctx == null || actualReadableBytes() == 0) {
            return; // a decoding under way continues by itself
        }
        try {
            channelRead(ctx, Unpooled.EMPTY_BUFFER);
            ctx.fireChannelReadComplete();
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
    }

    /** Drops all bytes that arrive from now on. */
    public void discard() {
        charge.end();
        state = State.DISCARDING;
    }

    /** Whether bytes wait until the response to the request before them is complete. */
    public boolean hasBytesAhead() {
        return state == State.PAUSED && actualReadableBytes() > 0;
    }

    /** Whether a request's headers have been decoded, but not its end. */
    public boolean isInBody() {
        return state == State.READING && !inHead;
    }

    /**
     * While requests wait, the decoder intentionally returns nothing. Netty's method would then request another read,
     * even while auto-read is off.
     */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (hasBytesAhead()) {
            ctx.fireChannelReadComplete();
        } else {
            super.channelReadComplete(ctx);
        }
    }

    @Override
    protected void callDecode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        decoding = true;
        try {
            super.callDecode(ctx, in, out);
        } finally {
            decoding = false;
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        switch (state) {
            case READING -> read(ctx, in, out);
            case PAUSED -> ctx.channel().config().setAutoRead(false);
            case DISCARDING -> in.skipBytes(in.readableBytes());
        }
    }

    private void read(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (inHead ? !scanHead(in, out) : chunked && !scanChunks(in, out)) {
            return;
        }
        int before = out.size();
        int readable = in.readableBytes();
        counted = in.readerIndex();
        super.decode(ctx, in, out);
        if (!inHead && in.readableBytes() == readable && out.size() == before && !chargeBody(readable)) {
            out.add(refusedRest(in, tooLarge()));
        }
        chunks.parsed(readable - in.readableBytes());
        for (int i = before; i < out.size(); i++) {
            Object message = out.get(i);
            if (message instanceof HttpMessage) {
                inHead = false;
                chunks.reset();
            }
            if (message instanceof LastHttpContent) {
                inHead = true;
                scanner.reset();
                trailers = 0;
                trailerBytes = 0;
                state = State.PAUSED;
            }
            // After headers or a chunk that it can't parse, Netty skips all bytes. So the scanner must stop there.
            if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
                state = State.DISCARDING;
            }
        }
    }

    /**
     * Charges for the kept parts of a body: its trailers, and an incomplete line. Returns whether they fit.
     *
     * @param line bytes of the incomplete line
     */
    private boolean chargeBody(int line) {
        return charge.grow(scanner.length() + trailerBytes + line, scanner.fields() + trailers);
    }

    private static LastHttpContent refusedRest(ByteBuf in, RequestRefusedException cause) {
        in.skipBytes(in.readableBytes());
        LastHttpContent refused = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        refused.setDecoderResult(DecoderResult.failure(cause));
        return refused;
    }

    private static RequestRefusedException tooLarge() {
        return new RequestRefusedException(ProxyFault.OVERLOADED, "the heads of all requests under way are too large");
    }

    /**
     * Called for each header field, when the reader index of the input is after the line of that field. Charges only
     * for trailers, because headers are charged before they are parsed.
     */
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (!inHead) {
            trailers++;
            int end = internalBuffer().readerIndex();
            trailerBytes += end - counted;
            counted = end;
            if (!chargeBody(0)) {
                throw tooLarge();
            }
        }
        return HeaderNames.of(line, start, length);
    }

    private boolean scanHead(ByteBuf in, List<Object> out) {
        try {
            boolean complete = scanner.scan(in);
            if (!charge.grow(scanner.length(), scanner.fields())) {
                throw tooLarge();
            }
            if (complete && scanner.isHttp10()) {
                checkLengths(in.toString(in.readerIndex(), scanner.length(), StandardCharsets.ISO_8859_1));
            }
            return complete;
        } catch (RequestRefusedException e) {
            state = State.DISCARDING;
            HttpMethod method = isHead(in) ? HttpMethod.HEAD : HttpMethod.GET;
            in.skipBytes(in.readableBytes());
            DefaultHttpRequest refusedRequest = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, "/");
            refusedRequest.setDecoderResult(DecoderResult.failure(e));
            out.add(refusedRequest);
            return false;
        }
    }

    /** Whether the method is HEAD, after any empty lines. Then the response has no body, even to a refused request. */
    private static boolean isHead(ByteBuf in) {
        int from = in.readerIndex();
        while (from < in.writerIndex() && (in.getByte(from) == '\r' || in.getByte(from) == '\n')) {
            from++;
        }
        int length = Math.min(HEAD.length(), in.writerIndex() - from);
        return in.toString(from, length, StandardCharsets.ISO_8859_1).equals(HEAD);
    }

    private boolean scanChunks(ByteBuf in, List<Object> out) {
        try {
            chunks.scan(in);
            return true;
        } catch (RequestRefusedException e) {
            state = State.DISCARDING;
            out.add(refusedRest(in, e));
            return false;
        }
    }

    /** Refuses several lengths. For HTTP/1.0, and only there, Netty would use the first length. */
    private static void checkLengths(String head) {
        long lengths = head.lines()
                .filter(line -> line.regionMatches(true, 0, CONTENT_LENGTH, 0, CONTENT_LENGTH.length()))
                .count();
        if (lengths > 1) {
            throw new RequestRefusedException(ProxyFault.MALFORMED, "more than one Content-Length");
        }
    }

    /**
     * A request whose headers announce no body has none (RFC 9112, section 6.3, rule 7). After a GET with
     * {@code Sec-WebSocket-Key1} and {@code -Key2} Netty would read a body of 8 bytes, by a WebSocket draft (hixie-76).
     */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        chunked = message.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
        return !chunked && !message.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
    }

    /** Refuses the request; Netty would drop the length and continue. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new RequestRefusedException(ProxyFault.MALFORMED, "both Content-Length and Transfer-Encoding");
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        charge.end();
        super.handlerRemoved0(ctx);
    }
}
