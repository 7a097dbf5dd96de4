package io.tokenguardian.apiserver;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;

/**
 * One attempt to connect to one address. Waits for the TCP connection and the TLS handshake, and reports a single
 * result.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel ends even if close fails
final class AddressAttempt extends ChannelInboundHandlerAdapter {
    private final ConnectAttempts attempts;
    private final ApiServerAddress address;
    private final TlsSetup tls;
    private final InetAddress target;
    private boolean ended;

    AddressAttempt(ConnectAttempts attempts, ApiServerAddress address, TlsSetup tls, InetAddress target) {
        this.attempts = attempts;
        this.address = address;
        this.tls = tls;
        this.target = target;
    }

    void onTcpConnectEnded(ChannelFuture connected, Duration within) {
        Throwable cause = connected.cause();
        if (cause != null) {
            failed(FailureText.connecting(address, within, cause), cause);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake) || ended) {
            return;
        }
        if (handshake.isSuccess()) {
            ended = true;
            ctx.pipeline().remove(this);
            attempts.onConnected(ctx.channel());
        } else {
            handshakeFailed(ctx, handshake.cause());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        handshakeFailed(ctx, new ClosedChannelException());
    }

    /** Handles a reset. Other handshake failures arrive earlier, as events. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        handshakeFailed(ctx, cause);
    }

    private void handshakeFailed(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
        failed(FailureText.handshaking(address, tls.timeout(), cause), cause);
    }

    void failed(ConnectFailure failure, Throwable cause) {
        if (!ended) {
            ended = true;
            attempts.onFailed(target, failure, cause);
        }
    }
}
