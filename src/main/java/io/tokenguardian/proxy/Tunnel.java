package io.tokenguardian.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;

/**
 * One end of a raw two-way tunnel: what comes in here goes out at the other end.
 *
 * <p>Backpressure: this end is read only while the other end takes what is written to it. Half-close: the end of what
 * comes in here (FIN from a caller, close_notify from the API server) ends what goes out there, and the other way
 * goes on; the second end closes both. A connection that breaks takes the other one with it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, which is heard of
final class Tunnel extends ChannelInboundHandlerAdapter {

    private final Channel here;
    private final Channel there;
    private final ProxyLog log;
    private boolean ended;
    private boolean otherEnded;
    private Tunnel otherEnd;

    private Tunnel(Channel here, Channel there, ProxyLog log) {
        this.here = here;
        this.there = there;
        this.log = log;
        this.otherEnd = this;
    }

    /**
     * Puts the ends in place behind whatever is there. What the upstream's decoder still holds goes through at once, so that the
     * caller's encoder must be gone; its decoder is the caller's to remove afterwards.
     */
    static void open(Channel caller, Upstream upstream, BufferShare share, ProxyLog log) {
        Channel server = upstream.channel();
        share.mark(caller, 0);
        share.mark(server, 0);
        Tunnel callerEnd = new Tunnel(caller, server, log);
        Tunnel serverEnd = new Tunnel(server, caller, log);
        callerEnd.otherEnd = serverEnd;
        serverEnd.otherEnd = callerEnd;
        caller.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        caller.pipeline().addLast(callerEnd);
        server.pipeline().addLast(serverEnd);
        upstream.leave();
        caller.config().setAutoRead(server.isWritable());
        server.config().setAutoRead(caller.isWritable());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf) || ended) {
            ReferenceCountUtil.release(message); // the empty end of the 101
            return;
        }
        there.write(message);
        if (!there.isWritable()) {
            here.config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        there.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        there.config().setAutoRead(here.isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event == SslCloseCompletionEvent.SUCCESS) {
            end();
        }
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        otherEnd.otherEnded = true;
        if (otherEnded) {
            closeAfterFlush(here);
            closeAfterFlush(there);
            return;
        }
        there.flush();
        SslHandler tls = there.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        } else {
            there.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
                if (there instanceof DuplexChannel duplex) {
                    duplex.shutdownOutput();
                }
            });
        }
    }

    private static void closeAfterFlush(Channel channel) {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closeAfterFlush(there);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.connectionFailed(here, cause);
        here.close();
    }
}
