package io.tokenguardian.listener;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * For a listener's own channel: a connection that can't be taken, for want of file descriptors above all (EMFILE,
 * ENFILE), waits in the system's backlog. The listener looks again after a second, as Netty's own would, but without a
 * stack trace each time: all listeners together say one line a second at most.
 */
@SuppressWarnings("FutureReturnValueIgnored") // it only ends with its event loop
public final class AcceptFailures extends ChannelInboundHandlerAdapter {
    static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Logger LOG = Logger.getLogger(AcceptFailures.class);
    private static final AtomicLong SAID_AT = new AtomicLong(System.nanoTime() - PAUSE.toNanos());

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            ctx.fireExceptionCaught(cause);
            return;
        }
        ChannelConfig config = ctx.channel().config();
        config.setAutoRead(false);
        ctx.executor().schedule(() -> config.setAutoRead(true), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        long saidAt = SAID_AT.get();
        long now = System.nanoTime();
        if (now - saidAt >= PAUSE.toNanos() && SAID_AT.compareAndSet(saidAt, now)) {
            LOG.warnf(
                    "Connections to %s have to wait: %s (ulimit -n)",
                    ctx.channel().localAddress(), cause.getMessage());
        }
    }
}
