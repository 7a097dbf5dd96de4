package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/**
 * Carries one request at a time to one replica, and its response back: an HTTP/1.1 connection, or one stream of an
 * HTTP/2 connection. Other classes write HTTP objects to its channel and get HTTP objects from it, and need not know
 * which it is. It is the last handler of its channel, and is used on the channel's event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
abstract class Upstream extends ChannelInboundHandlerAdapter {

    private final Channel channel;
    private final ProxyLog log;
    private @Nullable ResponseListener listener;
    private boolean informational;

    Upstream(Channel channel, ProxyLog log) {
        this.channel = channel;
        this.log = log;
    }

    final Channel channel() {
        return channel;
    }

    /** Whether the connection was used or lay idle before. Then its end may have nothing to do with this request. */
    abstract boolean isReused();

    /**
     * Gives the upstream back. {@code reusable} says whether request and response are complete, or nothing was sent; if
     * not, it is closed.
     */
    abstract void release(boolean reusable);

    /** Closes it at once, whatever is under way. */
    abstract void abort();

    /** Which tokens its replica accepts and refuses. */
    abstract ReplicaTokens tokens();

    /** The {@code Date}s of the responses over its connection. */
    abstract ResponseDates dates();

    /**
     * Parks the connection: its replica refuses all usable tokens.
     *
     * @param reusable whether request and response are complete; if not, the connection is closed
     */
    abstract void park(boolean reusable);

    /**
     * The response is complete. Leases this connection to {@code request} if it can be used again, otherwise another
     * one.
     */
    abstract void retry(LeaseRequest request);

    /**
     * Called with the status of a response other than 401, to a request with {@code token}. A 429 or 5xx does not show
     * that the replica accepts the token: it may come from a load balancer.
     *
     * @return whether the replica accepts the token
     */
    final boolean responded(Token token, HttpResponseStatus status) {
        boolean accepted = status.codeClass() != HttpStatusClass.SERVER_ERROR
                && !HttpResponseStatus.TOO_MANY_REQUESTS.equals(status);
        if (accepted) {
            tokenAccepted(token);
        } else {
            respondedNeutrally();
        }
        return accepted;
    }

    /** Called with the head of a response that says nothing about a token. */
    abstract void respondedNeutrally();

    /** Called when the replica has accepted {@code token}. */
    abstract void tokenAccepted(Token token);

    /** Called when the replica's clock has made it refuse a token, before the rest of its response is read. */
    abstract void tokenRefused(TokenRefusal refusal);

    /** Called with the response's head, before anything in it is changed. */
    abstract void onHead(HttpResponse response);

    /** Whether the connection ended in a way that does not show whether the response is complete. */
    boolean isTruncated() {
        return false; // HTTP/2 marks the end of a stream
    }

    /** @param head whether the request is HEAD, whose response has no body */
    final void lease(ResponseListener to, boolean head) {
        listener = to;
        informational = false;
        prepare(head);
    }

    /** Called before each request. */
    void prepare(boolean head) {}

    final boolean isLeased() {
        return listener != null;
    }

    /** Stops reporting to the listener. */
    final void detach() {
        listener = null;
    }

    /**
     * Reads and discards the rest of a response that is not relayed.
     *
     * @param onDrained is run when the response is complete
     * @param onGone is run instead when the upstream has ended
     */
    final void discardRest(Runnable onDrained, Runnable onGone) {
        listener = new ResponseDiscard(this, onDrained, onGone);
        read(true); // reading may be off, because the caller did not take a 1xx in time
    }

    /** Backpressure: switches reading on or off, so that the response is read as fast as the caller takes it. */
    final void read(boolean on) {
        channel.config().setAutoRead(on);
    }

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) {
        ResponseListener to = listener;
        if (to == null) {
            ReferenceCountUtil.release(message);
            abort(); // bytes that belong to no request
            return;
        }
        if (message instanceof HttpResponse response && response.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            fail(UpstreamFailure.MALFORMED);
            return;
        }
        if (message instanceof FullHttpResponse whole) {
            // the form in which Netty delivers an HTTP/2 response without a body
            channelRead(ctx, new DefaultHttpResponse(whole.protocolVersion(), whole.status(), whole.headers()));
            channelRead(ctx, new DefaultLastHttpContent(whole.content(), whole.trailingHeaders()));
            return;
        }
        if (message instanceof HttpResponse response) {
            informational = response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                    && !HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status());
            if (informational) {
                to.onInformational(response);
            } else {
                onHead(response);
                to.onResponseHead(response);
            }
        }
        if (message instanceof HttpContent content) {
            content(content);
        }
    }

    private void content(HttpContent content) {
        ResponseListener to = listener;
        if (to == null || informational) {
            informational &= !(content instanceof LastHttpContent);
            content.release();
        } else if (content.decoderResult().isFailure()) {
            content.release();
            fail(UpstreamFailure.MALFORMED);
        } else if (content instanceof LastHttpContent && isTruncated()) {
            content.release();
            fail(UpstreamFailure.CLOSED);
        } else {
            to.onResponseContent(content);
        }
    }

    /** Removes the HTTP handlers from the channel, which now belongs to a tunnel. */
    abstract void removeHttpHandlers();

    @Override
    public final void channelReadComplete(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.onReadComplete();
        }
    }

    @Override
    public final void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.onWritabilityChanged();
        }
    }

    /** Closes the upstream, and reports {@code cause} to the listener. */
    final void fail(UpstreamFailure cause) {
        ResponseListener to = listener;
        listener = null;
        abort();
        if (to != null) {
            to.onUpstreamFailed(cause);
        }
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.connectionFailed(channel, cause);
        fail(UpstreamFailure.CLOSED);
    }
}
