package io.tokenguardian.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The state of one event loop: its upstreams, its callers, and its requests that wait for a token. */
final class EventLoopState {

    /**
     * A connection for the held requests is opened this long before the first replica certainly accepts the token. A
     * clock that was read once is known to within a second, so its replica may accept the token up to a second sooner.
     */
    static final Duration AHEAD = Duration.ofSeconds(2);

    private final EventLoop eventLoop;
    private final UpstreamPool upstreams;
    private final Supplier<Optional<Duration>> untilUsable;
    private final Set<Exchange> holding = new LinkedHashSet<>();
    private final Set<CallerHandler> callers = new LinkedHashSet<>();
    private boolean draining;
    /** Opens a connection for the held requests; null if none are held, or it is not known when they can go on. */
    private @Nullable ScheduledFuture<?> connectAhead;

    /** @param untilUsable the time until the first replica certainly accepts the token; empty when that is unknown */
    EventLoopState(EventLoop eventLoop, UpstreamPool upstreams, Supplier<Optional<Duration>> untilUsable) {
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

    boolean isDraining() {
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
        return eventLoop.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
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

    /** Adds a caller. A caller accepted just before a shutdown may be added during it; it is closed. */
    void enter(CallerHandler caller) {
        callers.add(caller);
        if (draining) {
            caller.drain();
        }
    }

    /** Closes the idle caller among {@code some} that connected first, if any. */
    void makeRoom(Predicate<CallerHandler> some) {
        callers.stream().filter(some).filter(CallerHandler::isIdle).findFirst().ifPresent(leaving -> {
            leaving.close();
            callers.remove(leaving); // now, since its channelInactive comes later
        });
    }

    void leave(CallerHandler caller) {
        callers.remove(caller);
    }

    /** The token in use, or the advice whether to wait, has changed: all waiting requests check again. */
    void recheckWaiting() {
        List<Exchange> released = new ArrayList<>(holding);
        holding.clear();
        cancelConnectAhead(); // a request that is held again sets it again
        released.forEach(Exchange::proceed);
        upstreams.wakeAll();
    }

    /** On shutdown: fails requests that only wait, closes idle callers, and lets other requests finish. */
    void drain() {
        draining = true;
        new ArrayList<>(callers).forEach(CallerHandler::drain);
    }

    /** Closes the connections of the callers, and those to the API server that no request uses. */
    void close() {
        new ArrayList<>(callers).forEach(CallerHandler::shutDown);
        upstreams.close();
    }
}
