package io.tokenguardian.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Can close the oldest of a listener's connections whose only request ({@link SingleRequestHandler}) has not arrived
 * yet. Once a request has arrived, its connection is not closed unless the request was refused because of its size.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a close fails only if the channel is already closed
final class SilentConnections extends ChannelInboundHandlerAdapter {
    /** Oldest first. */
    private final Set<Channel> silent = new LinkedHashSet<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel connection = (Channel) message;
        connection.pipeline().addLast(new ResponseTimeoutHandler(), new SingleRequestHandler(() -> remove(connection)));
        add(connection);
        connection.closeFuture().addListener(closed -> remove(connection));
        ctx.fireChannelRead(connection);
    }

    void closeOldest() {
        Channel oldest = takeOldest();
        if (oldest != null) {
            oldest.close();
        }
    }

    private synchronized @Nullable Channel takeOldest() {
        Iterator<Channel> oldest = silent.iterator();
        if (!oldest.hasNext()) {
            return null;
        }
        Channel taken = oldest.next();
        oldest.remove();
        return taken;
    }

    private synchronized void add(Channel connection) {
        silent.add(connection);
    }

    private synchronized void remove(Channel connection) {
        silent.remove(connection);
    }
}
