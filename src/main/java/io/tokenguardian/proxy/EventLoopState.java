package io.tokenguardian.proxy;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The state of one event loop: its upstreams, its callers, and its requests that wait for a token. */
final class EventLoopState {

    private final EventLoop eventLoop;
    private final UpstreamPool upstreams;
    private final Set<Exchange> holding = new LinkedHashSet<>();
    private final Set<CallerHandler> callers = new LinkedHashSet<>();
    private boolean draining;

    EventLoopState(EventLoop eventLoop, UpstreamPool upstreams) {
        this.eventLoop = eventLoop;
        this.upstreams = upstreams;
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
    }

    void unhold(Exchange exchange) {
        holding.remove(exchange);
    }

    /** Adds a caller. A caller accepted just before a shutdown may be added during it; it is closed. */
    void enter(CallerHandler caller) {
        callers.add(caller);
        if (draining) {
            caller.drain();
        }
    }

    /** Closes the idle caller among {@code some} that connected first, if there is one. */
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
        released.forEach(Exchange::proceed);
        upstreams.wakeAll();
    }

    /** On shutdown: fails requests that only wait, closes idle callers, and lets other requests finish. */
    void drain() {
        draining = true;
        new ArrayList<>(callers).forEach(CallerHandler::drain);
    }

    /** Closes the connections to the API server that no request uses. */
    void close() {
        upstreams.close();
    }
}
