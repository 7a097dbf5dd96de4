package io.tokenguardian.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * For the own channels of some listeners: so many connections at a time over all of them. Who comes when there are as many
 * is still taken, and another has to make room. Until one has gone, the next wait in the system's backlog, as with the
 * {@code maxconn} of HAProxy. A listener takes up to sixteen in one turn, so that there may be so many more for a moment.
 */
@ChannelHandler.Sharable
@SuppressWarnings("FutureReturnValueIgnored") // what is scheduled only ends with its event loop
public final class ConnectionLimit extends ChannelInboundHandlerAdapter {
    /** How often room is asked for as long as there are too many. */
    static final Duration AGAIN = Duration.ofMillis(100);

    private static final Duration BETWEEN_LINES = Duration.ofMinutes(1);
    private static final Logger LOG = Logger.getLogger(ConnectionLimit.class);

    private final int most;
    private final Runnable makeRoom;
    private final Set<Channel> paused = new LinkedHashSet<>();
    private int open;
    private boolean asking;
    private long saidAt = System.nanoTime() - BETWEEN_LINES.toNanos();

    /**
     * @param makeRoom closes a connection that waits for nothing, if there is one, now or later; called on the event loops of
     *     the listeners
     */
    public ConnectionLimit(int most, Runnable makeRoom) {
        this.most = most;
        this.makeRoom = makeRoom;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (comes(ctx.channel())) {
            makeRoom.run(); // before the new one is here, which is not to go
            askAgain(ctx);
        }
        ((Channel) message).closeFuture().addListener(closed -> goes());
        ctx.fireChannelRead(message);
    }

    /** Whether there are too many now. */
    private synchronized boolean comes(Channel listener) {
        open++;
        if (open <= most) {
            return false;
        }
        listener.config().setAutoRead(false);
        paused.add(listener);
        return true;
    }

    private synchronized void goes() {
        open--;
        if (open <= most) {
            paused.stream()
                    .filter(Channel::isOpen)
                    .forEach(listener -> listener.config().setAutoRead(true));
            paused.clear();
        }
    }

    private synchronized void askAgain(ChannelHandlerContext ctx) {
        if (!asking) {
            asking = true;
            ctx.executor().schedule(() -> again(ctx), AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void again(ChannelHandlerContext ctx) {
        if (areTooMany(ctx.channel())) {
            makeRoom.run();
            askAgain(ctx);
        }
    }

    private synchronized boolean areTooMany(Channel listener) {
        asking = false;
        if (paused.isEmpty()) {
            return false;
        }
        long now = System.nanoTime();
        if (now - saidAt >= BETWEEN_LINES.toNanos()) {
            saidAt = now;
            LOG.warnf("Connections to %s have to wait: %d are open, the most at a time", listener.localAddress(), most);
        }
        return true;
    }
}
