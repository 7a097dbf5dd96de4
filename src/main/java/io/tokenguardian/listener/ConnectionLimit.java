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
 * Limits how many connections are open at a time, counted across all listeners that have this handler on their own
 * channel. A connection above the limit is still accepted, and another connection is closed to make room. Until that
 * connection has closed, further connections wait in the operating system's backlog, as with HAProxy's {@code maxconn}.
 * A listener accepts up to 16 connections at once, so the limit may briefly be exceeded by up to 16.
 */
@ChannelHandler.Sharable
@SuppressWarnings("FutureReturnValueIgnored") // the scheduled task ends with its event loop, or sooner
public final class ConnectionLimit extends ChannelInboundHandlerAdapter {
    /** How often {@code makeRoom} runs while too many connections are open. */
    static final Duration RETRY_INTERVAL = Duration.ofMillis(100);

    private static final Duration BETWEEN_LINES = Duration.ofMinutes(1);
    private static final Logger LOG = Logger.getLogger(ConnectionLimit.class);

    private final int most;
    private final Runnable makeRoom;
    private final Set<Channel> paused = new LinkedHashSet<>();
    private int open;
    private boolean scheduled;
    private long lastLineAt = System.nanoTime() - BETWEEN_LINES.toNanos();

    /**
     * @param makeRoom closes, now or later, a connection that has no request in progress, if any; called on the
     *     listeners' event loops
     */
    public ConnectionLimit(int most, Runnable makeRoom) {
        this.most = most;
        this.makeRoom = makeRoom;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (pauseIfFull(ctx.channel())) {
            makeRoom.run(); // called before the new connection is passed on, so that it is not itself closed
            scheduleMakeRoom(ctx);
        }
        ((Channel) message).closeFuture().addListener(closed -> onClosed());
        ctx.fireChannelRead(message);
    }

    /** Counts a connection, and pauses the listener if the count is above the limit. Returns whether it is. */
    private synchronized boolean pauseIfFull(Channel listener) {
        open++;
        if (open <= most) {
            return false;
        }
        paused.add(listener);
        listener.config().setAutoRead(false);
        return true;
    }

    private synchronized void onClosed() {
        open--;
        if (open <= most) {
            paused.stream()
                    .filter(Channel::isOpen)
                    .forEach(listener -> listener.config().setAutoRead(true));
            paused.clear();
        }
    }

    private synchronized void scheduleMakeRoom(ChannelHandlerContext ctx) {
        if (!scheduled) {
            scheduled = true;
            ctx.executor().schedule(() -> makeRoomAgain(ctx), RETRY_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void makeRoomAgain(ChannelHandlerContext ctx) {
        if (logIfPaused(ctx.channel())) {
            makeRoom.run();
            scheduleMakeRoom(ctx);
        }
    }

    private synchronized boolean logIfPaused(Channel listener) {
        scheduled = false;
        if (paused.isEmpty()) {
            return false;
        }
        long now = System.nanoTime();
        if (now - lastLineAt >= BETWEEN_LINES.toNanos()) {
            lastLineAt = now;
            LOG.warnf("Connections to %s have to wait: %d are open, which is the limit", listener.localAddress(), most);
        }
        return true;
    }
}
