package io.tokenguardian.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Handles one caller's connection: reads one request at a time and writes its response. If a caller sends its next
 * request before it has the response, those bytes stay in the decoder and reading stops. Otherwise the connection is
 * always read, since only reading shows that the caller has closed it. The next request is read only when the bytes
 * still to be written are below the channel's water mark: a caller that does not read its responses gets no more of
 * them.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class CallerHandler extends ChannelInboundHandlerAdapter {

    /** How long to wait before the close while a caller still sends, so that it can read the last response. */
    private static final long LINGER_SECONDS = 1;

    /** The time a new caller has for its first request before it may be closed to make room for others. */
    private static final Duration FIRST_REQUEST = Duration.ofMillis(100);

    private final ProxyContext context;
    private final EventLoopState loopState;
    private final Channel channel;
    private final StrictRequestDecoder decoder;
    private final CallerResponseEncoder encoder;
    private final long connectedAt;

    private @Nullable Exchange current;
    private HttpMethod method = HttpMethod.GET;
    private int waterMark;
    private int requests;
    private boolean bodyWanted = true;
    private boolean closing;
    private boolean closesAfterAnswer;
    private boolean endsWithConnection;

    CallerHandler(ProxyContext context, EventLoopState loopState, Channel channel) {
        this.context = context;
        this.loopState = loopState;
        this.channel = channel;
        this.decoder = new StrictRequestDecoder(context.headBudget());
        this.encoder = new CallerResponseEncoder();
        this.connectedAt = context.nanoTime().getAsLong();
    }

    void install() {
        context.share().enter();
        channel.closeFuture().addListener(closed -> context.share().leave());
        channel.config().setRecvByteBufAllocator(ReceiveBuffers.ofCaller(context.share(), this::mostToRead));
        channel.pipeline().addLast(decoder, encoder, this);
        loopState.enter(this);
    }

    /**
     * The maximum size of the next read, in bytes. Smaller outside a body, because pipelined requests would have to
     * wait in memory. Smaller with many connections too, to keep each read short: one may hold thousands of chunks of
     * one byte.
     */
    private int mostToRead() {
        int share = context.share().bytes();
        return decoder.isInBody() && share == BufferShare.MOST ? share : Math.max(BufferShare.LEAST, share / 4);
    }

    /** The connection's name in the log. */
    String id() {
        return channel.id().asShortText();
    }

    /**
     * Whether no request is in progress, the caller has taken its responses, and its first request has come or had
     * {@link #FIRST_REQUEST} to come.
     */
    boolean isIdle() {
        ChannelOutboundBuffer unwritten = channel.unsafe().outboundBuffer();
        return current == null
                && (unwritten == null || unwritten.isEmpty())
                && (requests > 0 || context.nanoTime().getAsLong() - connectedAt >= FIRST_REQUEST.toNanos());
    }

    // Incoming

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (closing) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof HttpRequest request) {
            begin(request);
        } else if (message instanceof HttpContent content) {
            takeContent(content);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest request) {
        context.counters().request();
        method = request.method();
        try {
            for (RequestRule rule : context.rules()) {
                rule.check(request);
            }
            UpstreamRequest head =
                    UpstreamRequest.of(request, context.settings().authorization(), context.authority());
            current = new Exchange(context, loopState, this, head, ++requests);
        } catch (RequestRefusedException e) {
            refuse(e);
        }
    }

    private void refuse(RequestRefusedException refusal) {
        if (refusal.fault().isRule()) {
            context.counters().refusedByRule();
        }
        answer(refusal.fault(), refusal.getMessage(), false, false);
    }

    private void takeContent(HttpContent content) {
        Exchange exchange = current;
        if (exchange == null) {
            content.release();
        } else if (content.decoderResult().isFailure()) {
            content.release();
            exchange.callerBroke(ProxyFault.MALFORMED, "the body can't be parsed");
        } else {
            exchange.content(content);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (current != null) {
            current.callerPaused();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (current != null) {
            current.callerWritable(channel.isWritable());
        } else if (!closing) {
            takeNext();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Exchange exchange = current;
        current = null;
        closing = true;
        decoder.discard();
        loopState.leave(this);
        if (exchange != null) {
            exchange.callerGone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        context.log().connectionFailed(channel, cause);
        channel.close();
    }

    /** Sets whether to read more of the request's body. */
    void wantBody(boolean wanted) {
        if (bodyWanted != wanted) {
            bodyWanted = wanted;
            readOrNot();
        }
    }

    private void readOrNot() {
        channel.config().setAutoRead(closing || (bodyWanted && !decoder.hasBytesAhead()));
    }

    // Outgoing

    void writeInformational(HttpResponse response) {
        encoder.answersHead(false);
        channel.write(response);
        channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    void writeHead(HttpResponse response, boolean toHead) {
        context.counters().answered(method, response.status().code());
        encoder.answersHead(toHead);
        endsWithConnection = !toHead && ResponseHeaders.endsWithConnection(response);
        if (closesAfterAnswer) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        waterMark = context.share().mark(channel, waterMark);
        channel.write(response);
    }

    /** Returns whether the write buffer has room for more. */
    boolean write(HttpContent content) {
        channel.write(content);
        return channel.isWritable();
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    void flush() {
        channel.flush();
    }

    /** Writes the end of the response. Then goes on to the next request, or closes the connection. */
    void writeLast(HttpContent content, boolean keepAlive) {
        Exchange exchange = current;
        boolean received = exchange == null || exchange.isReceived();
        if (keepAlive && received && !closesAfterAnswer) {
            channel.writeAndFlush(content);
            next();
        } else {
            closeAfter(content, received);
        }
    }

    /** Writes the proxy's own response. Then goes on to the next request, or closes the connection. */
    void answer(ProxyFault fault, @Nullable String detail, boolean toHead, boolean keepAlive) {
        FullHttpResponse response = fault.answer(detail, context.retryAfter());
        context.counters().answered(method, response.status().code());
        boolean goesOn = keepAlive && !closesAfterAnswer;
        if (!goesOn) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        encoder.answersHead(toHead);
        if (goesOn) {
            channel.writeAndFlush(response);
            next();
        } else {
            closeAfter(response, current != null && current.isReceived());
        }
    }

    /** Ends a response that can't be completed, so that the caller does not take it for complete. */
    void cut() {
        if (endsWithConnection) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0); // sends a reset: a close would mark the body's end
        }
        current = null;
        stopReading();
        channel.close();
    }

    private void next() {
        current = null;
        bodyWanted = true;
        takeNext();
    }

    /** Goes on to the next request, unless too much of the earlier responses is still to be written. */
    private void takeNext() {
        if (channel.isWritable()) {
            decoder.resume();
            readOrNot();
        }
    }

    /** Discards all that the caller sends from now on: the connection is closing (RFC 9112, section 9.6). */
    private void stopReading() {
        closing = true;
        decoder.discard();
    }

    private void closeAfter(Object last, boolean received) {
        boolean allIsRead = received && !decoder.hasBytesAhead();
        current = null;
        stopReading();
        readOrNot();
        if (allIsRead) {
            channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        // Closing with unread bytes sends a reset, which may reach the caller before it has read the response.
        channel.writeAndFlush(last).addListener(written -> {
            if (channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            }
            channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        });
    }

    /**
     * Turns both connections into a tunnel that starts with {@code response}. The encoder is removed first. The
     * decoders are removed last, because the bytes that they still hold are the tunnel's first bytes.
     */
    void openTunnel(Upstream upstream, HttpResponse response) {
        context.counters().answered(method, response.status().code());
        encoder.answersHead(false);
        channel.write(response);
        channel.write(LastHttpContent.EMPTY_LAST_CONTENT);
        current = null;
        loopState.leave(this);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.remove(encoder);
        pipeline.remove(this);
        Tunnel.open(channel, upstream, context.share(), context.log());
        pipeline.remove(decoder);
        channel.flush();
    }

    // Shutdown

    /** Closes the connection when the request in progress has ended, or now if there is none. */
    void drain() {
        closesAfterAnswer = true;
        if (closing) {
            return;
        }
        if (current == null) {
            // A caller that has not taken its responses may have sent more requests. They are not sent on.
            closeAfter(Unpooled.EMPTY_BUFFER, channel.isWritable());
        } else {
            current.drain();
        }
    }

    void close() {
        channel.close();
    }
}
