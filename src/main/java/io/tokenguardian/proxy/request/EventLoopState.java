package io.tokenguardian.proxy.request;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.concurrent.LoggedTask;
import io.tokenguardian.proxy.upstream.UpstreamPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The state that the requests of one event loop share: its upstreams, and the requests that wait for a token. */
public final class EventLoopState {

    /**
     * A connection for the held requests is opened this long before the first replica is certain to accept the token. A
     * clock that was read only once is known to within a second, so its replica may accept the token up to a second
     * earlier.
     */
    static final Duration AHEAD = Duration.ofSeconds(2);

    private final EventLoop eventLoop;
    private final UpstreamPool upstreams;
    private final Supplier<Optional<Duration>> untilUsable;
    private final Set<Exchange> holding = new LinkedHashSet<>();
    private boolean draining;
    /** Opens a connection for the held requests; null if none are held, or if the acceptance time is unknown. */
    private @Nullable ScheduledFuture<?> connectAhead;

    public EventLoopState(EventLoop eventLoop, UpstreamPool upstreams, Supplier<Optional<Duration>> untilUsable) {
        this.eventLoop = eventLoop;
        this.upstreams = upstreams;
        this.untilUsable = untilUsable;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    UpstreamPool upstreams() {
        return upstreams;
    }

    public boolean isDraining() {
        return draining;
    }

    void hold(Exchange exchange) {
        holding.add(exchange);
        if (connectAhead == null) {
            connectAhead = untilUsable
                    .get()
                    .map(left -> schedule(() -> upstreams.connectAhead(exchange.tokens()), left.minus(AHEAD)))
                    .orElse(null);
        }
    }

    private ScheduledFuture<?> schedule(Runnable action, Duration delay) {
        return eventLoop.schedule(new LoggedTask(action), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    void unhold(Exchange exchange) {
        holding.remove(exchange);
        if (holding.isEmpty()) {
            cancelConnectAhead();
        }
    }

    private void cancelConnectAhead() {
        if (connectAhead != null) {
            connectAhead.cancel(false);
            connectAhead = null;
        }
    }

    /** Called when the token in use, or the advice on whether to wait, has changed. */
    public void recheckWaiting() {
        List<Exchange> released = new ArrayList<>(holding);
        holding.clear();
        cancelConnectAhead(); // a request that is held again sets the timer again
        released.forEach(Exchange::proceed);
        upstreams.wakeAll();
    }

    /** From now on, no request waits or is sent again. The callers' handlers fail the waiting requests. */
    public void drain() {
        draining = true;
    }

    /** Closes the connections to the API server that no request uses. */
    public void close() {
        upstreams.close();
    }
}
