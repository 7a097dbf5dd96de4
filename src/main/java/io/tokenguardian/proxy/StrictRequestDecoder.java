package io.tokenguardian.proxy;

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
 * Netty's request decoder with nothing let through on which two readers could differ, and one request at a time:
 *
 * <pre>
 *  READING ──end of a request──► PAUSED ──{@link #resume()}──► READING
 *     │                            │
 *     └── a head that is refused ──┴── {@link #discard()} ──► DISCARDING
 * </pre>
 *
 * <p>Bytes behind a request that has no answer yet stay bytes: once some are there, the connection is not read any
 * more. One read may hold some thousand requests, which would take a hundred times their bytes as objects. After a head
 * that is refused the rest of the connection is not read; the head comes out as a request whose {@link DecoderResult}
 * has failed.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {

    private enum State {
        READING,
        PAUSED,
        DISCARDING
    }

    private static final String CONTENT_LENGTH = "Content-Length:";

    private final HeadScanner scanner = new HeadScanner();
    private final HeadCharge charge;
    private State state = State.READING;
    private boolean inHead = true;
    private boolean decoding;
    private int trailers;
    private int trailerBytes;
    private @Nullable ChannelHandlerContext context;

    /** @param heads what the heads of all connections may cost together */
    StrictRequestDecoder(ByteBudget heads) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(HeadScanner.MAX_REQUEST_LINE)
                .setMaxHeaderSize(HeadScanner.MAX_HEAD)
                .setMaxChunkSize(64 << 10)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false));
        this.charge = new HeadCharge(heads);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        context = ctx;
    }

    /** The request that came last is answered: goes on with what is behind it. */
    void resume() {
        if (state != State.PAUSED) {
            return;
        }
        charge.end();
        state = State.READING;
        ChannelHandlerContext ctx = context;
        if (decoding || ctx == null || actualReadableBytes() == 0) {
            return; // a decoding that is under way goes on by itself
        }
        try {
            channelRead(ctx, Unpooled.EMPTY_BUFFER);
            ctx.fireChannelReadComplete();
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
    }

    /** Reads nothing more: what still comes is dropped. */
    void discard() {
        charge.end();
        state = State.DISCARDING;
    }

    /** Whether bytes are here that wait for the end of the request before them. */
    boolean hasBytesAhead() {
        return state == State.PAUSED && actualReadableBytes() > 0;
    }

    /** Whether a request's head is here, and its end is not. */
    boolean isInBody() {
        return state == State.READING && !inHead;
    }

    /** Netty's own asks for more here as long as nothing comes out, also where reading is off: nothing is to come out now. */
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
        if (inHead && !headIsThere(in, out)) {
            return;
        }
        int before = out.size();
        int readable = in.readableBytes();
        super.decode(ctx, in, out);
        if (!inHead && in.readableBytes() == readable && out.size() == before && !chargeBody(readable)) {
            out.add(refusedRest(in));
        }
        for (int i = before; i < out.size(); i++) {
            Object message = out.get(i);
            if (message instanceof HttpMessage) {
                inHead = false;
            }
            if (message instanceof LastHttpContent) {
                inHead = true;
                scanner.reset();
                trailers = 0;
                trailerBytes = 0;
                state = State.PAUSED;
            }
            // Netty skips what follows a head or chunk that it can't parse; a scan of that would go on in the void.
            if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
                state = State.DISCARDING;
            }
        }
    }

    /**
     * Charges for what a body makes this decoder keep: its trailers, and a line of it that is not whole.
     *
     * @param line bytes of that line
     */
    private boolean chargeBody(int line) {
        return charge.grow(scanner.length() + trailerBytes + line, scanner.fields() + trailers);
    }

    private static LastHttpContent refusedRest(ByteBuf in) {
        in.skipBytes(in.readableBytes());
        LastHttpContent refused = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        refused.setDecoderResult(DecoderResult.failure(tooLarge()));
        return refused;
    }

    private static RequestRefusedException tooLarge() {
        return new RequestRefusedException(ProxyFault.OVERLOADED, "the heads of all requests under way are too large");
    }

    /** Called for each field; here for the trailers, since a head is charged before it is parsed. */
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (!inHead) {
            trailers++;
            trailerBytes += line.length;
            if (!chargeBody(0)) {
                throw tooLarge();
            }
        }
        return super.splitHeaderName(line, start, length);
    }

    private boolean headIsThere(ByteBuf in, List<Object> out) {
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

    /**
     * A request whose head announces no body has none (RFC 9112, section 6.3, rule 7). Netty would take 8 bytes behind a GET
     * with {@code Sec-WebSocket-Key1} and {@code -Key2} for one, by a draft of WebSocket (hixie-76).
     */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return !message.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                && !message.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
    }

    /** Netty would drop the length and go on. */
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
