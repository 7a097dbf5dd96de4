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
import org.jspecify.annotations.Nullable;

/**
 * Something that carries one request at a time to one replica and its answer back: an HTTP/1.1 connection or one
 * stream of an HTTP/2 connection. HTTP objects are written to its channel and come out of it, so that the two look
 * the same to the rest. It is the last handler of that channel and is used on its event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, which is heard of
abstract class Upstream extends ChannelInboundHandlerAdapter {

    private final Channel channel;
    private final ProxyLog log;
    private @Nullable AnswerListener listener;
    private boolean informational;

    Upstream(Channel channel, ProxyLog log) {
        this.channel = channel;
        this.log = log;
    }

    final Channel channel() {
        return channel;
    }

    /** Whether an answer came over this connection before, so that its end now may have nothing to do with us. */
    abstract boolean isReused();

    /** The answer is complete, and whether the request is too; the upstream is the pool's again. */
    abstract void release(boolean reusable);

    /** Ends it at once, with whatever is under way. */
    abstract void abort();

    /**
     * Sets the connection aside: its replica refuses the token until {@code refusal}'s crossing.
     *
     * @param usable whether request and answer are complete; if not it ends
     */
    abstract void setAside(Refusal refusal, boolean usable);

    /** Its answer has come; {@code request} goes over it next if that can be, else over another one. */
    abstract void again(LeaseRequest request);

    /** Its replica has taken the token. */
    abstract void accepted();

    /** Sees the head of the answer before anything in it is changed. */
    abstract void head(HttpResponse response);

    /** Whether the connection has ended in a way that leaves open if the answer has. */
    abstract boolean isTruncated();

    /** @param head whether the request is HEAD, whose answer has no body */
    final void lease(AnswerListener to, boolean head) {
        listener = to;
        informational = false;
        prepare(head);
    }

    /** A request goes out next. */
    abstract void prepare(boolean head);

    final boolean isLeased() {
        return listener != null;
    }

    /** From now on nobody is told anything. */
    final void detach() {
        listener = null;
    }

    /**
     * Has the rest of an answer that is not passed on come in and go.
     *
     * @param then is given the upstream after that; not run if the end does not come, or not soon
     */
    final void drain(AnswerDrain.Then then) {
        listener = new AnswerDrain(this, then);
        read(true); // a caller that did not take a 1xx may have stopped it
    }

    /** Backpressure: the rest of the answer is read as fast as the caller takes it. */
    final void read(boolean on) {
        channel.config().setAutoRead(on);
    }

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) {
        AnswerListener to = listener;
        if (to == null) {
            ReferenceCountUtil.release(message);
            unexpected();
            return;
        }
        if (message instanceof HttpResponse response && response.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            breakOff(UpstreamBreak.MALFORMED);
            return;
        }
        if (message instanceof FullHttpResponse whole) {
            // how HTTP/2 tells of an answer without a body
            channelRead(ctx, new DefaultHttpResponse(whole.protocolVersion(), whole.status(), whole.headers()));
            channelRead(ctx, new DefaultLastHttpContent(whole.content(), whole.trailingHeaders()));
            return;
        }
        if (message instanceof HttpResponse response) {
            informational = response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                    && !HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status());
            if (informational) {
                to.informational(response);
            } else {
                head(response);
                to.answerHead(response);
            }
        }
        if (message instanceof HttpContent content) {
            content(content);
        }
    }

    private void content(HttpContent content) {
        AnswerListener to = listener;
        if (to == null || informational) {
            informational &= !(content instanceof LastHttpContent);
            content.release();
        } else if (content.decoderResult().isFailure()) {
            content.release();
            breakOff(UpstreamBreak.MALFORMED);
        } else if (content instanceof LastHttpContent && isTruncated()) {
            content.release();
            breakOff(UpstreamBreak.CLOSED);
        } else {
            to.answerContent(content);
        }
    }

    /** Leaves the channel to others, for good and without its HTTP. */
    abstract void leave();

    /** Bytes that nobody has asked for. */
    abstract void unexpected();

    @Override
    public final void channelReadComplete(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.answerPaused();
        }
    }

    @Override
    public final void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.upstreamWritable(channel.isWritable());
        }
    }

    /** Tells whoever is waiting that nothing more comes, and ends the upstream. */
    final void breakOff(UpstreamBreak cause) {
        AnswerListener to = listener;
        listener = null;
        abort();
        if (to != null) {
            to.upstreamBroke(cause);
        }
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.connectionFailed(channel, cause);
        breakOff(UpstreamBreak.CLOSED);
    }
}
