package io.tokenguardian.proxy.caller;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.tokenguardian.proxy.http.CallerResponseEncoder;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.http.ReceiveBuffers;
import io.tokenguardian.proxy.http.RequestRefusedException;
import io.tokenguardian.proxy.http.StrictRequestDecoder;
import io.tokenguardian.proxy.request.Caller;
import io.tokenguardian.proxy.request.Exchange;
import io.tokenguardian.proxy.upstream.ProxyLog;
import io.tokenguardian.proxy.upstream.Upstream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Handles one caller's connection: reads one request at a time and writes its response. If a caller sends its next
 * request before it has received the response, the bytes of that request stay in the decoder and reading stops.
 * Otherwise, reading continues after the body, because only a read shows that the caller has closed the connection. The
 * next request is read only while the unwritten bytes are below the channel's water mark.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
public final class CallerHandler extends ChannelInboundHandlerAdapter implements Caller {

    /** A connection never returns to an earlier state. */
    private enum State {
        OPEN,
        /** The current response is the last response on this connection. */
        LAST_RESPONSE,
        /** Any bytes that still arrive are discarded (RFC 9112, section 9.6). */
        CLOSING
    }

    /** The time for a new caller's first request before its connection may be closed to make room for others. */
    private static final Duration FIRST_REQUEST = Duration.ofMillis(100);

    private final CallerContext context;
    private final LoopCallers loop;
    private final Channel channel;
    private final StrictRequestDecoder decoder;
    private final CallerResponseEncoder encoder = new CallerResponseEncoder();
    private final long connectedAt;

    private State state = State.OPEN;
    private @Nullable Exchange current;
    private HttpMethod method = HttpMethod.GET;
    private int requests;
    private boolean bodyWanted = true;

    public CallerHandler(CallerContext context, LoopCallers loop, Channel channel) {
        this.context = context;
        this.loop = loop;
        this.channel = channel;
        this.decoder = new StrictRequestDecoder(context.headBudget());
        this.connectedAt = context.requests().upstreams().nanoTime().getAsLong();
    }

    public void install() {
        context.share().enter();
        context.share().limitNextCallers(channel.parent());
        context.share().setLimits(channel);
        channel.closeFuture().addListener(closed -> context.share().leave());
        channel.config().setRecvByteBufAllocator(ReceiveBuffers.ofCaller(context.share(), decoder::isInBody));
        channel.pipeline().addLast(decoder, encoder, this);
        loop.enter(this);
    }

    @Override
    public String id() {
        return channel.id().asShortText();
    }

    public boolean isEncrypted() {
        return channel.pipeline().get(SslHandler.class) != null;
    }

    /** Whether all responses have been written, and a request has arrived or {@link #FIRST_REQUEST} has passed. */
    boolean isIdle() {
        ChannelOutboundBuffer unwritten = channel.unsafe().outboundBuffer();
        return current == null
                && (unwritten == null || unwritten.totalPendingWriteBytes() == 0)
                && (requests > 0
                        || context.requests().upstreams().nanoTime().getAsLong() - connectedAt
                                >= FIRST_REQUEST.toNanos());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request && state != State.CLOSING) {
            begin(request);
        } else if (message instanceof HttpContent content && current != null) {
            current.onRequestContent(content);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest request) {
        context.counters().request();
        method = request.method();
        try {
            current = new Exchange(context.requests(), loop.state(), this, context.admit(request), ++requests);
        } catch (RequestRefusedException e) {
            if (e.fault().isRefusalByRule()) {
                context.counters().refusedByRule();
            }
            respond(e.fault(), e.getMessage(), HttpMethod.HEAD.equals(method), false);
        }
    }

    /** Called for a request, or a body, that the decoder refuses. */
    private void onUnparsed(RequestRefusedException refusal) {
        if (current != null) {
            current.fail(refusal.fault(), refusal.getMessage());
        } else if (state != State.CLOSING) {
            context.counters().request();
            method = HttpMethod.GET; // its own may be unknown
            respond(refusal.fault(), refusal.getMessage(), false, false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (current != null) {
            current.onCallerReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (current != null) {
            current.onCallerWritabilityChanged(channel.isWritable());
        } else if (state != State.CLOSING) {
            takeNext();
        }
    }

    /** Handles a close_notify like a FIN. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == SslCloseCompletionEvent.SUCCESS) {
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Exchange exchange = current;
        startClosing();
        loop.leave(this);
        if (exchange != null) {
            exchange.onCallerClosed();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof RequestRefusedException refusal) {
            onUnparsed(refusal);
            return;
        }
        ProxyLog.connectionFailed(channel, cause);
        channel.close();
    }

    @Override
    public void setBodyWanted(boolean wanted) {
        if (bodyWanted != wanted) {
            bodyWanted = wanted;
            updateAutoRead();
        }
    }

    private void updateAutoRead() {
        channel.config().setAutoRead(state == State.CLOSING || (bodyWanted && !decoder.hasBytesAhead()));
    }

    @Override
    public boolean writeInformational(HttpResponse response) {
        encoder.begin(response, false);
        channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        return channel.isWritable();
    }

    @Override
    public void writeHead(HttpResponse response, boolean toHead, boolean keepAlive) {
        context.counters().response(method, response.status().code());
        context.share().setLimits(channel);
        if (!keepAlive) {
            closeAfterResponse();
        }
        if (state != State.OPEN) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        encoder.begin(response, toHead);
    }

    private void closeAfterResponse() {
        if (state == State.OPEN) {
            state = State.LAST_RESPONSE;
        }
    }

    @Override
    public boolean write(HttpContent content) {
        channel.write(content);
        return channel.isWritable();
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public void respond(ProxyFault fault, @Nullable String detail, boolean toHead, boolean keepAlive) {
        writeHead(fault.response(detail, context.requests().retryAfter()), toHead, keepAlive);
        writeLast(Unpooled.EMPTY_BUFFER);
    }

    @Override
    public void writeLast(Object last) {
        boolean received = current != null && current.isWhole();
        if (state == State.OPEN && received) {
            channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            current = null;
            bodyWanted = true;
            takeNext();
        } else {
            closeAfter(last, received);
        }
    }

    /** Continues with the next request, unless too many bytes of earlier responses are still unwritten. */
    private void takeNext() {
        if (channel.isWritable()) {
            decoder.resume();
            updateAutoRead();
        }
    }

    @Override
    public void close() {
        startClosing();
        channel.close();
    }

    /** Closes the connection at the end of a shutdown, and aborts its request and response. */
    void shutDown() {
        channel.close();
    }

    private void startClosing() {
        current = null;
        state = State.CLOSING;
        decoder.discard();
    }

    private void closeAfter(Object last, boolean received) {
        boolean allIsRead = received && !decoder.hasBytesAhead();
        startClosing();
        updateAutoRead();
        if (allIsRead) {
            ConnectionEnd.after(last, channel);
        } else {
            ConnectionEnd.afterLinger(last, channel);
        }
    }

    @Override
    public void openTunnel(Upstream upstream, HttpResponse response) {
        context.counters().response(method, response.status().code());
        encoder.begin(response, false);
        channel.write(LastHttpContent.EMPTY_LAST_CONTENT);
        current = null;
        loop.leave(this);
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(this);
        Tunnel.open(channel, decoder, upstream, context.share());
        channel.flush();
    }

    /** Closes the connection after the request in progress, or immediately if no request is in progress. */
    void drain() {
        closeAfterResponse();
        if (current != null) {
            current.drain();
        } else if (InClusterTls.isShakingHands(channel)) {
            close();
        } else if (state != State.CLOSING) {
            // While the write buffer is full, the next request is not read, and its bytes may be left unread. An
            // immediate close would then send a reset.
            closeAfter(Unpooled.EMPTY_BUFFER, channel.isWritable());
        }
    }
}
