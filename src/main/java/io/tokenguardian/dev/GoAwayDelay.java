package io.tokenguardian.dev;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Delays the close after a GOAWAY by a second, as Go's server does ({@code goAwayTimeout}). In that second the server
 * reads on, and drops what it reads. Otherwise requests that were sent before the GOAWAY arrived would be unread at the
 * close, and TCP would reset the connection before the responses are read. This handler is below the HTTP/2 codec,
 * which closes when the open streams have ended.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
final class GoAwayDelay extends ChannelOutboundHandlerAdapter {

    private static final Duration GO_AWAY_TIMEOUT = Duration.ofSeconds(1);

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.executor().schedule(() -> ctx.close(promise), GO_AWAY_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    }
}
