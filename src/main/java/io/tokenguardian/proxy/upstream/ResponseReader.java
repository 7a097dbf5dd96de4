package io.tokenguardian.proxy.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.tokenguardian.proxy.http.StrictResponseDecoder;
import org.jspecify.annotations.Nullable;

/** The last handler of an upstream's channel. If bytes arrive that belong to no request, it closes the connection. */
final class ResponseReader extends ChannelInboundHandlerAdapter {

    /**
     * The most 1xx before a response. Without a limit, a server could keep an event loop busy forever. Go accepts 5.
     */
    private static final int MOST_INTERIM = 100;

    private final Runnable close;
    private final StrictResponseDecoder decoder = new StrictResponseDecoder();
    private @Nullable ResponseListener listener;
    private boolean informational;
    private int interim;
    private boolean closesAfterResponse;
    private boolean truncated;

    /** @param close closes the upstream, and calls {@link #detach} */
    ResponseReader(Runnable close) {
        this.close = close;
    }

    /** Comes just before this handler. */
    StrictResponseDecoder decoder() {
        return decoder;
    }

    void begin(ResponseListener to, boolean head) {
        listener = to;
        informational = false;
        interim = 0;
        decoder.toHead(head);
    }

    void handOver(ResponseListener other) {
        listener = other;
    }

    void detach() {
        listener = null;
    }

    /** Whether a response is outstanding, or not complete. */
    boolean isReading() {
        return listener != null;
    }

    /** Whether the server will close the connection after the latest response. */
    boolean closesAfterResponse() {
        return closesAfterResponse;
    }

    /** Whether another response may follow: no bytes are left, and the last response did not announce the end. */
    boolean mayGoOn() {
        return !closesAfterResponse && !decoder.hasSurplus();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ResponseListener to = listener;
        if (to == null) {
            ReferenceCountUtil.release(message);
            close.run();
        } else if (message instanceof HttpResponse response) {
            head(response, to);
        } else if (message instanceof HttpContent content) {
            content(content, to);
        } else {
            ReferenceCountUtil.release(message); // bytes after a 101 to a request without an upgrade
            fail(UpstreamFailure.MALFORMED);
        }
    }

    private void head(HttpResponse response, ResponseListener to) {
        if (response.decoderResult().isFailure()) {
            ReferenceCountUtil.release(response);
            fail(UpstreamFailure.MALFORMED);
            return;
        }
        informational = response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                && !HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status());
        if (informational && ++interim > MOST_INTERIM) {
            fail(UpstreamFailure.MALFORMED);
        } else if (informational) {
            to.onInformational(response);
        } else {
            closesAfterResponse = !HttpUtil.isKeepAlive(response);
            to.onResponseHead(response);
        }
    }

    private void content(HttpContent content, ResponseListener to) {
        if (informational) {
            informational = !(content instanceof LastHttpContent);
            content.release();
        } else if (content.decoderResult().isFailure()) {
            content.release();
            fail(UpstreamFailure.MALFORMED);
        } else if (content instanceof LastHttpContent && truncated) {
            content.release(); // without close_notify, a body that ends with the connection may be truncated
            fail(UpstreamFailure.CLOSED);
        } else {
            if (content instanceof LastHttpContent) {
                detach(); // first, because the listener may use the connection again
            }
            to.onResponseContent(content);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.onReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.onWritabilityChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(UpstreamFailure.CLOSED);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ProxyLog.connectionFailed(ctx.channel(), cause);
        fail(UpstreamFailure.CLOSED);
    }

    private void fail(UpstreamFailure cause) {
        ResponseListener to = listener;
        close.run();
        if (to != null) {
            to.onUpstreamFailed(cause);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent closed) {
            truncated |= !closed.isSuccess();
            if (closed.isSuccess() && listener == null) {
                close.run();
            }
        }
    }
}
