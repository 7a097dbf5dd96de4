package io.tokenguardian.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
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
 * One caller's connection: takes one request at a time out of it and writes the answer into it. What a caller sends
 * behind a request that has no answer yet stays in the decoder, and reading stops; else the connection is read all the
 * time, since that is how a caller's going away is noticed. A caller that does not take its answers gets no further one:
 * its next request is read once what is written to it is below the channel's water mark.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, which is heard of
final class CallerHandler extends ChannelInboundHandlerAdapter {

    /** How long a caller that still sends is listened to after the final answer, so that it gets to read that. */
    private static final long LINGER_SECONDS = 1;

    /** From connecting to the first request; a caller that takes longer may have to make room for others. */
    private static final Duration FIRST_REQUEST = Duration.ofMillis(100);

    private final DataPath path;
    private final Lane lane;
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

    CallerHandler(DataPath path, Lane lane, Channel channel) {
        this.path = path;
        this.lane = lane;
        this.channel = channel;
        this.decoder = new StrictRequestDecoder(path.headBudget());
        this.encoder = new CallerResponseEncoder();
        this.connectedAt = path.nanoTime().getAsLong();
    }

    void install() {
        path.share().enter();
        channel.closeFuture().addListener(closed -> path.share().leave());
        channel.config().setRecvByteBufAllocator(ReceiveBuffers.ofCaller(path.share(), this::mostToRead));
        channel.pipeline().addLast(decoder, encoder, this);
        lane.enter(this);
    }

    /**
     * Bytes of the next read. Outside a body, what is read may have to wait for its turn. In a crowd each turn has to be short: one
     * read of chunks of a byte is some thousand parts.
     */
    private int mostToRead() {
        int share = path.share().bytes();
        return decoder.isInBody() && share == BufferShare.MOST ? share : Math.max(BufferShare.LEAST, share / 4);
    }

    /** Names the connection in the log. */
    String id() {
        return channel.id().asShortText();
    }

    /** Whether it waits for nothing: no request is under way, and if there was none yet, it has had the time for one. */
    boolean isIdle() {
        return current == null
                && (requests > 0 || path.nanoTime().getAsLong() - connectedAt >= FIRST_REQUEST.toNanos());
    }

    // What comes in

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
        path.counters().request();
        method = request.method();
        try {
            for (RequestRule rule : path.rules()) {
                rule.check(request);
            }
            RequestHead head = RequestHead.of(request, path.settings().authorization(), path.authority());
            current = new Exchange(path, lane, this, head, ++requests);
        } catch (RequestRefusedException e) {
            refuse(e);
        }
    }

    private void refuse(RequestRefusedException refusal) {
        if (refusal.fault().isRule()) {
            path.counters().refusedByRule();
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
        lane.leave(this);
        if (exchange != null) {
            exchange.callerGone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        path.log().connectionFailed(channel, cause);
        channel.close();
    }

    /** Whether more of the request's body is to be read. */
    void wantBody(boolean wanted) {
        if (bodyWanted != wanted) {
            bodyWanted = wanted;
            readOrNot();
        }
    }

    private void readOrNot() {
        channel.config().setAutoRead(closing || (bodyWanted && !decoder.hasBytesAhead()));
    }

    // What goes out

    void writeInformational(HttpResponse response) {
        encoder.answersHead(false);
        channel.write(response);
        channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    void writeHead(HttpResponse response, boolean toHead) {
        path.counters().answered(method, response.status().code());
        encoder.answersHead(toHead);
        endsWithConnection = !toHead && AnswerHead.endsWithConnection(response);
        waterMark = path.share().mark(channel, waterMark);
        channel.write(response);
    }

    /** Returns whether the caller can take more. */
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

    /** The answer's end; the next request's turn, if there may be one. */
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

    /** An answer of the proxy's own. */
    void answer(ProxyFault fault, @Nullable String detail, boolean toHead, boolean keepAlive) {
        FullHttpResponse response = fault.answer(detail, path.retryAfter());
        path.counters().answered(method, response.status().code());
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

    /** The answer can't be completed: the caller must not take what it has for the whole. */
    void cut() {
        if (endsWithConnection) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0); // a reset, since a close would look like the end
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

    /** Goes on to the next request, unless the caller has not taken the answers to those before. */
    private void takeNext() {
        if (channel.isWritable()) {
            decoder.resume();
            readOrNot();
        }
    }

    /** Nothing that comes from now on is a request (RFC 9112, section 9.6). */
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
        // With bytes unread a close would be a reset, which may overtake the answer.
        channel.writeAndFlush(last).addListener(written -> {
            if (channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            }
            channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        });
    }

    /**
     * Hands both connections over to a tunnel that starts with {@code response}. The encoder leaves first, and the decoders
     * last: what they hold are the tunnel's first bytes.
     */
    void openTunnel(Upstream upstream, HttpResponse response) {
        path.counters().answered(method, response.status().code());
        encoder.answersHead(false);
        channel.write(response);
        channel.write(LastHttpContent.EMPTY_LAST_CONTENT);
        current = null;
        lane.leave(this);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.remove(encoder);
        pipeline.remove(this);
        Tunnel.open(channel, upstream, path.share(), path.log());
        pipeline.remove(decoder);
        channel.flush();
    }

    // Shutdown

    /** Ends the connection when what is under way is over. */
    void drain() {
        closesAfterAnswer = true;
        if (current == null) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            current.drain();
        }
    }

    void close() {
        channel.close();
    }
}
