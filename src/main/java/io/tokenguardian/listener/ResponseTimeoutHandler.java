package io.tokenguardian.listener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Closes a connection if its client does not read a response within ten seconds. Logs nothing. */
@SuppressWarnings("FutureReturnValueIgnored") // a close fails only if the channel is already closed
final class ResponseTimeoutHandler extends WriteTimeoutHandler {
    static final Duration WRITE_TIMEOUT = Duration.ofSeconds(10);

    ResponseTimeoutHandler() {
        super(WRITE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void writeTimedOut(ChannelHandlerContext ctx) {
        ctx.close();
    }
}
