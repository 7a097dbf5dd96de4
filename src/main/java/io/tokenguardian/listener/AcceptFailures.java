package io.tokenguardian.listener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * A connection that can't be accepted, usually because no file descriptors are left (EMFILE, ENFILE), waits in the
 * operating system's backlog. Like Netty's own handler, the listener tries again after a second, but without logging a
 * stack trace each time. All listeners together log at most one line per second.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the scheduled task ends with its event loop, or sooner
public final class AcceptFailures extends ChannelInboundHandlerAdapter {
    static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Logger LOG = Logger.getLogger(AcceptFailures.class);
    private static final LogLimiter LOG_LIMITER = new LogLimiter(PAUSE);

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            ctx.fireExceptionCaught(cause);
            return;
        }
        AcceptPauses pauses = AcceptPauses.of(ctx.channel());
        pauses.pause();
        ctx.executor().schedule(pauses::resume, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        if (LOG_LIMITER.tryAcquire()) {
            LOG.warnf(
                    "Connections to %s have to wait: %s (ulimit -n)",
                    ctx.channel().localAddress(), cause.getMessage());
        }
    }
}
