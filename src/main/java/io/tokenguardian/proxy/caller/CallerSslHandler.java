package io.tokenguardian.proxy.caller;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * Netty's TLS handler, with a limit on the records that the TLS engine itself sends in response to a caller. Java sends
 * a record for each five-byte key update (RFC 8446, section 4.6.3), and several for each renegotiation, even if the
 * caller does not read them. Without the limit, a few connections could fill the memory and keep an event loop busy.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel ends even if close fails
final class CallerSslHandler extends SslHandler {

    /** In records. A handshake takes about ten. Clients update their keys after 2^24 records or more, if at all. */
    static final int MOST_ANSWERS = 100;

    private boolean decoding;
    private boolean flushing;
    private int answers;

    CallerSslHandler(SSLEngine engine) {
        super(engine);
    }

    /** Must be directly in front of this handler. */
    ChannelHandler limit() {
        return new Limit();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws SSLException {
        if (answers > MOST_ANSWERS) {
            in.skipBytes(in.readableBytes()); // these bytes were read before the close
            return;
        }
        decoding = true;
        try {
            super.decode(ctx, in, out);
        } finally {
            decoding = false;
        }
    }

    /** Records that are written during a flush are not counted: they carry a response or the close_notify. */
    @Override
    public void flush(ChannelHandlerContext ctx) throws Exception {
        boolean outer = flushing;
        flushing = true;
        try {
            super.flush(ctx);
        } finally {
            flushing = outer;
        }
    }

    private final class Limit extends ChannelOutboundHandlerAdapter {

        @Override
        public void write(ChannelHandlerContext ctx, Object record, ChannelPromise promise) {
            if (decoding && !flushing && ++answers > MOST_ANSWERS) {
                ReferenceCountUtil.release(record);
                promise.tryFailure(new SSLException("too many key updates or renegotiations"));
                ctx.close(); // without close_notify, which is another record
                return;
            }
            ctx.write(record, promise);
        }
    }
}
