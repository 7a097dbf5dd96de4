package io.tokenguardian.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * For a listener's own channel, each of whose connections is for {@linkplain OneRequest one request}: knows those whose request
 * is not here yet. One whose request is being answered is never closed.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a close that fails is of a channel that is closed
final class SilentConnections extends ChannelInboundHandlerAdapter {
    /** The eldest first. */
    private final Set<Channel> silent = new LinkedHashSet<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel connection = (Channel) message;
        connection.pipeline().addLast(new StalledAnswer(), new OneRequest(() -> remove(connection)));
        add(connection);
        connection.closeFuture().addListener(closed -> remove(connection));
        ctx.fireChannelRead(connection);
    }

    /** Closes the one that has been silent for the longest, if there is one. */
    void closeEldest() {
        Channel eldest = takeEldest();
        if (eldest != null) {
            eldest.close();
        }
    }

    private synchronized @Nullable Channel takeEldest() {
        Iterator<Channel> eldest = silent.iterator();
        if (!eldest.hasNext()) {
            return null;
        }
        Channel taken = eldest.next();
        eldest.remove();
        return taken;
    }

    private synchronized void add(Channel connection) {
        silent.add(connection);
    }

    private synchronized void remove(Channel connection) {
        silent.remove(connection);
    }
}
