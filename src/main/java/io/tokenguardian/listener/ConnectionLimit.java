package io.tokenguardian.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * For a listener's own channel: so many connections at a time, each for {@linkplain OneRequest one request}. Whoever
 * comes when there are as many waits in the system's backlog until one has ended. The one that has been silent for the
 * longest is closed then, so that a flood of such connections keeps no probe out. One whose request is being answered
 * never is.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a close that fails is of a channel that is closed
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
    private final int most;

    /** Those whose request is not here yet, the eldest first. */
    private final Set<Channel> silent = new LinkedHashSet<>();

    private int open;

    ConnectionLimit(int most) {
        this.most = most;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel connection = (Channel) message;
        connection.pipeline().addLast(new StalledAnswer(), new OneRequest(() -> asked(connection)));
        come(ctx.channel(), connection);
        connection.closeFuture().addListener(closed -> gone(ctx.channel(), connection));
        ctx.fireChannelRead(connection);
    }

    private synchronized void come(Channel listener, Channel connection) {
        open++;
        if (open >= most) {
            listener.config().setAutoRead(false);
            Iterator<Channel> eldest = silent.iterator();
            if (eldest.hasNext()) {
                Channel next = eldest.next();
                eldest.remove();
                next.close();
            }
        }
        silent.add(connection);
    }

    private synchronized void asked(Channel connection) {
        silent.remove(connection);
    }

    private synchronized void gone(Channel listener, Channel connection) {
        open--;
        silent.remove(connection);
        if (open < most && listener.isOpen()) {
            listener.config().setAutoRead(true);
        }
    }
}
