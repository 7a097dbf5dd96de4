package io.tokenguardian.apiserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetAddress;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;

/** One attempt to connect to one address: TCP and the TLS handshake. Reports one result, unless it is abandoned. */
@SuppressWarnings("FutureReturnValueIgnored") // the channel ends even if close fails
final class AddressAttempt extends ChannelInboundHandlerAdapter {
    private final ConnectAttempts attempts;
    private final ApiServerAddress address;
    private final TlsSetup tls;
    private final InetAddress target;
    private final Channel channel;
    private final boolean extra;
    private boolean ended;

    AddressAttempt(
            ConnectAttempts attempts,
            ApiServerAddress address,
            TlsSetup tls,
            InetAddress target,
            Channel channel,
            boolean extra) {
        this.attempts = attempts;
        this.address = address;
        this.tls = tls;
        this.target = target;
        this.channel = channel;
        this.extra = extra;
    }

    /** Whether this attempt began side by side with another attempt, and has a permit for that. */
    boolean isExtra() {
        return extra;
    }

    InetAddress target() {
        return target;
    }

    /** @param nanos the time limit of the TCP connection, in nanoseconds; at least 1 ms is allowed */
    void connect(Bootstrap bootstrap, SslContext context, Connector.Outcome outcome, long nanos) {
        ChannelFuture connected = bootstrap
                .clone()
                .channelFactory(() -> channel)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel initialized) {
                        ProxyHop proxy = address.proxy();
                        if (proxy != null) {
                            initialized.pipeline().addLast(proxy.newHandler(target, tls.timeout()));
                        }
                        initialized.pipeline().addLast(tls.newHandler(context, initialized), AddressAttempt.this);
                        outcome.opened(initialized);
                    }
                })
                .connect(address.tcpDestination(target));
        // If the event loop has ended, a listener would run on another thread or not at all.
        if (connected.isDone()) {
            onTcpConnectEnded(connected);
        } else {
            connected.addListener(done -> onTcpConnectEnded(connected));
        }
    }

    private void onTcpConnectEnded(ChannelFuture connected) {
        Throwable cause = connected.cause();
        if (cause != null) {
            failed(FailureText.connecting(address, tls.timeout(), cause), cause);
        } else if (!ended) {
            attempts.onTcpConnected(this);
        }
    }

    /** Closes the channel without reporting a result. */
    void abandon() {
        ended = true;
        channel.close();
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

    private void failed(ConnectFailure failure, Throwable cause) {
        if (!ended) {
            ended = true;
            attempts.onFailed(this, failure, cause);
        }
    }
}
