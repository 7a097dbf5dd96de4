package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Netty's request decoder, limited to one request at a time. It refuses anything that two readers could parse
 * differently.
 *
 * <pre>
 *  READING ──end of a request──► PAUSED ──{@link #resume()}──► READING
 *     │                            │
 *     └── a refusal ───────────────┴── {@link #discard()} ──► DISCARDING
 * </pre>
 *
 * <p>The bytes after a request are not decoded until its response is complete. One read may contain thousands of
 * requests, and decoded objects take a hundred times as much memory as their bytes. While bytes are waiting, nothing
 * more is read. A refusal is a {@link RequestRefusedException}, which the next handler catches. All later bytes are
 * dropped.
 *
 * <p>Headers of more than ordinary size are charged to a budget that all connections share, until the request ends.
 * Others are free, so that they pass after large ones have used it up.
 */
public final class StrictRequestDecoder extends HttpRequestDecoder {

    /** The total budget of all connections, in bytes. */
    public static final int BUDGET = 8 << 20;

    /**
     * The number of bytes at the start of each request's headers that are not charged. No line in a body is longer: it
     * would be the size of a chunk, or a trailer.
     */
    public static final int FREE = 6 << 10;

    private enum State {
        READING,
        PAUSED,
        DISCARDING
    }

    private final HeadScanner scanner = new HeadScanner();
    private final Semaphore budget;

    /** In bytes. */
    private int charged;

    private State state = State.READING;
    private boolean inHead = true;
    private boolean decoding;
    private @Nullable ChannelHandlerContext context;

    /** @param budget has a permit for each byte that can be charged */
    public StrictRequestDecoder(Semaphore budget) {
        super(config(HeadScanner.MAX_REQUEST_LINE, HeadScanner.MAX_HEAD));
        this.budget = budget;
    }

    /** Returns the rules for requests and responses. Both limits are in bytes. */
    static HttpDecoderConfig config(int maxInitialLine, int maxHead) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(maxInitialLine)
                .setMaxHeaderSize(maxHead)
                .setMaxChunkSize(64 << 10)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false)
                .setHeadersFactory(HeaderList.FACTORY)
                .setTrailersFactory(HeaderList.FACTORY);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        context = ctx;
    }

    /** Called when the response to the last request is complete. */
    public void resume() {
        if (state != State.PAUSED) {
            return;
        }
        endCharge();
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
        endCharge();
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

    /** While requests are waiting, Netty's method would request another read even while auto-read is off. */
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
            case READING -> {
                try {
                    read(ctx, in, out);
                } catch (RequestRefusedException e) {
                    state = State.DISCARDING;
                    in.skipBytes(in.readableBytes());
                    throw e;
                }
            }
            case PAUSED -> ctx.channel().config().setAutoRead(false);
            case DISCARDING -> in.skipBytes(in.readableBytes());
        }
    }

    private void read(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (inHead && !scanHead(in)) {
            return;
        }
        int before = out.size();
        int readable = in.readableBytes();
        super.decode(ctx, in, out);
        boolean waits = !inHead && in.readableBytes() == readable && out.size() == before; // for the end of a line
        if (waits && readable > FREE) {
            throw RequestRefusedException.malformed("a line in the body is too long");
        }
        for (int i = before; i < out.size(); i++) {
            Object message = out.get(i);
            if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
                out.remove(i);
                throw RequestRefusedException.of(object.decoderResult());
            }
            if (message instanceof HttpMessage) {
                inHead = false;
            }
            if (message instanceof LastHttpContent) {
                inHead = true;
                scanner.reset();
                state = State.PAUSED;
            }
        }
    }

    private boolean scanHead(ByteBuf in) {
        boolean complete = scanner.scan(in);
        int due = scanner.cost() - FREE - charged;
        if (due > 0) {
            if (!budget.tryAcquire(due)) {
                throw new RequestRefusedException(
                        ProxyFault.OVERLOADED, "the headers of all requests in progress are too large");
            }
            charged += due;
        }
        return complete;
    }

    private void endCharge() {
        budget.release(charged);
        charged = 0;
    }

    /** Refuses trailers: no Kubernetes client sends any, and they would have to be charged like headers. */
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (!inHead) {
            throw RequestRefusedException.malformed("trailers are not supported");
        }
        return HeaderList.name(line, start, length);
    }

    @Override
    protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
        requireSingleSpace(line, start);
        return super.splitSecondWordInitialLine(line, start, length);
    }

    @Override
    protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
        requireSingleSpace(line, start);
        String version = super.splitThirdWordInitialLine(line, start, length);
        if (!version.equals("HTTP/1.1")) {
            throw RequestRefusedException.malformed("only HTTP/1.1 is supported");
        }
        return version;
    }

    /** Netty would accept several spaces, tabs, VT and FF before a word of the request line. */
    private static void requireSingleSpace(byte[] line, int start) {
        if (line[start - 1] != ' ' || line[start - 2] <= ' ') {
            throw RequestRefusedException.malformed("single spaces must separate method, target and version");
        }
    }

    /**
     * Without a length, a request has no body (RFC 9112, section 6.3, rule 7). After a GET with
     * {@code Sec-WebSocket-Key1} and {@code -Key2}, Netty would read 8 bytes, as in an old WebSocket draft (hixie-76).
     */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return !message.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
                && !message.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        endCharge();
        super.handlerRemoved0(ctx);
    }
}
