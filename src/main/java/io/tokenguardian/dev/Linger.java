package io.tokenguardian.dev;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The second that Go's server leaves between the last answer after a GOAWAY and the close ({@code goAwayTimeout}), in
 * which it reads on and drops what comes. Without it the close finds requests unread that were sent before the GOAWAY
 * had come, and TCP resets the connection over the answers. Stands under the HTTP/2 codec, which closes when the
 * streams at hand are through.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails here ends the channel, and that is where it is seen.
final class Linger extends ChannelOutboundHandlerAdapter {

    private static final Duration GO_AWAY_TIMEOUT = Duration.ofSeconds(1);

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.executor().schedule(() -> ctx.close(promise), GO_AWAY_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    }
}
