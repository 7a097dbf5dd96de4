package io.tokenguardian.listener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Closes a connection whose other end has not taken what was written within ten seconds; without a word in the log. */
@SuppressWarnings("FutureReturnValueIgnored") // a close that fails is of a channel that is closed
final class StalledAnswer extends WriteTimeoutHandler {
    static final Duration READ_WITHIN = Duration.ofSeconds(10);

    StalledAnswer() {
        super(READ_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void writeTimedOut(ChannelHandlerContext ctx) {
        ctx.close();
    }
}
