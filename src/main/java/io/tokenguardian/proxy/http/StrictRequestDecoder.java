package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's request decoder, limited to one request at a time. It refuses anything that two readers could parse
 * differently.
 *
 * <pre>
 *  READING ──end of a request──► PAUSED ──{@link #resume()}──► READING
 *     │                            │
 *     └── headers are refused ─────┴── {@link #discard()} ──► DISCARDING
 * </pre>
 *
 * <p>The bytes after a request are not decoded until its response is complete. One read may contain thousands of
 * requests, and decoded objects take a hundred times as much memory as their bytes. While bytes are waiting, nothing
 * more is read. Refused headers are passed on as a request with a failed {@link DecoderResult}. If a body is refused, a
 * last part with a failed result is passed on. All later bytes are dropped.
 */
public final class StrictRequestDecoder extends HttpRequestDecoder {

    private enum State {
        READING,
        PAUSED,
        DISCARDING
    }

    private static final String CONTENT_LENGTH = "Content-Length:";

    private final HeadScanner scanner = new HeadScanner();
    private final ChunkScanner chunks = new ChunkScanner();
    private final HeadCharge charge;
    private State state = State.READING;
    private boolean inHead = true;
    private boolean chunked;
    private boolean decoding;
    private int trailers;
    private int trailerBytes;

    /** The index in the input up to which all trailer bytes have been charged. */
    private int counted;

    private @Nullable ChannelHandlerContext context;

    /**
     * Creates the decoder of one connection.
     *
     * @param heads the memory budget for the headers of all connections
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

    /** Continues with the bytes after the last request. Called when the response to that request is complete. */
    public void resume() {
        if (state != State.PAUSED) {
            return;
        }
        charge.end();
        state = State.READING;
        ChannelHandlerContext ctx = context;
        if (decoding || ctx == null || actualReadableBytes() == 0) {
            return; // if decode is already running, it continues by itself
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

    /** Whether undecoded bytes are waiting for the end of the current response. */
    public boolean hasBytesAhead() {
        return state == State.PAUSED && actualReadableBytes() > 0;
    }

    /** Whether a request's headers have been decoded, but its end has not. */
    public boolean isInBody() {
        return state == State.READING && !inHead;
    }

    /**
     * Does not request another read while requests are waiting. The decoder then intentionally returns nothing, and
     * Netty's method would request another read even while auto-read is off.
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
            out.add(RefusedRequest.rest(in, tooLarge()));
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
            // After headers or a chunk that it can't parse, Netty skips all bytes, so the scanner must stop too.
            if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
                state = State.DISCARDING;
            }
        }
    }

    /**
     * Charges for the parts of a body that stay in memory: its trailers and an incomplete line. Returns whether the
     * budget allows them.
     *
     * @param line the number of bytes of the incomplete line
     */
    private boolean chargeBody(int line) {
        return charge.grow(scanner.length() + trailerBytes + line, scanner.fields() + trailers);
    }

    private static RequestRefusedException tooLarge() {
        return new RequestRefusedException(
                ProxyFault.OVERLOADED, "the headers of all requests in progress are too large");
    }

    /**
     * Called for each header field, after its line has been read from the input. Charges only for trailers, because
     * headers are charged before they are parsed.
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
            out.add(RefusedRequest.headers(in, e));
            return false;
        }
    }

    private boolean scanChunks(ByteBuf in, List<Object> out) {
        try {
            chunks.scan(in);
            return true;
        } catch (RequestRefusedException e) {
            state = State.DISCARDING;
            out.add(RefusedRequest.rest(in, e));
            return false;
        }
    }

    /** Refuses headers with more than one length. For HTTP/1.0, Netty would use the first length. */
    private static void checkLengths(String head) {
        long lengths = head.lines()
                .filter(line -> line.regionMatches(true, 0, CONTENT_LENGTH, 0, CONTENT_LENGTH.length()))
                .count();
        if (lengths > 1) {
            throw new RequestRefusedException(ProxyFault.MALFORMED, "more than one Content-Length");
        }
    }

    /**
     * Returns true if the headers announce no body, because the request then has no body (RFC 9112, section 6.3, rule
     * 7). After a GET with {@code Sec-WebSocket-Key1} and {@code -Key2}, Netty would read an 8-byte body, following an
     * old WebSocket draft (hixie-76).
     */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        chunked = message.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
        return !chunked && !message.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
    }

    /** Refuses the request, whereas Netty would drop the length and continue. */
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
