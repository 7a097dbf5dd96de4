package io.tokenguardian.proxy.caller;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.tokenguardian.proxy.http.BufferShare;
import io.tokenguardian.proxy.http.StrictRequestDecoder;
import io.tokenguardian.proxy.upstream.ProxyLog;
import io.tokenguardian.proxy.upstream.Upstream;

/**
 * One end of a raw two-way tunnel. Bytes read at this end are written at the other end, and read only while the other
 * end is writable. When the input at this end has ended (FIN, or close_notify with TLS), the output of the other end is
 * shut down. The opposite direction continues until it has ended too. If one connection breaks, the other is closed.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class Tunnel extends ChannelInboundHandlerAdapter {

    private final Channel here;
    private final Channel there;
    private boolean ended;
    private boolean otherEnded;
    private Tunnel otherEnd;

    private Tunnel(Channel here, Channel there) {
        this.here = here;
        this.there = there;
        this.otherEnd = this;
    }

    /**
     * Any bytes left in the decoders are the first bytes of the tunnel. The HTTP encoder of {@code caller} must already
     * have been removed.
     */
    static void open(Channel caller, StrictRequestDecoder decoder, Upstream upstream, BufferShare share) {
        Channel server = upstream.channel();
        share.setLimits(caller);
        share.setLimits(server);
        Tunnel callerEnd = new Tunnel(caller, server);
        Tunnel serverEnd = new Tunnel(server, caller);
        callerEnd.otherEnd = serverEnd;
        serverEnd.otherEnd = callerEnd;
        caller.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        caller.pipeline().addLast(callerEnd);
        server.pipeline().addLast(serverEnd);
        upstream.becomeTunnel();
        caller.config().setAutoRead(server.isWritable());
        server.config().setAutoRead(caller.isWritable());
        caller.pipeline().remove(decoder);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf) || ended) {
            ReferenceCountUtil.release(message); // for example the empty last content of the 101
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
            ConnectionEnd.after(Unpooled.EMPTY_BUFFER, here);
            ConnectionEnd.after(Unpooled.EMPTY_BUFFER, there);
            return;
        }
        ConnectionEnd.ofOutput(there);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ConnectionEnd.after(Unpooled.EMPTY_BUFFER, there);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ProxyLog.connectionFailed(here, cause);
        here.close();
    }
}
