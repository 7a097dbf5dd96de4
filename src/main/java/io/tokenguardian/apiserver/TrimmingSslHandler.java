package io.tokenguardian.apiserver;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLEngine;

/**
 * While reading is paused, releases the space of records that were already read. Otherwise, a connection whose caller
 * does not read the response would keep 32 KiB for the start of the next record.
 */
final class TrimmingSslHandler extends SslHandler {

    /** The minimum free space, in bytes, that makes a copy worthwhile. */
    private static final int LEAST = 4 << 10;

    TrimmingSslHandler(SSLEngine engine) {
        super(engine);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        super.channelReadComplete(ctx);
        ByteBuf kept = internalBuffer();
        if (kept.isReadable()
                && kept.capacity() - kept.readableBytes() >= LEAST
                && kept.refCnt() == 1
                && !ctx.channel().config().isAutoRead()) {
            kept.discardReadBytes();
            kept.capacity(kept.readableBytes());
        }
    }
}
