package io.tokenguardian.proxy;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What belongs to one event loop: its upstreams, its callers, and the requests on it that wait for a token. */
final class Lane {

    private final EventLoop eventLoop;
    private final UpstreamPool upstreams;
    private final Set<Exchange> holding = new LinkedHashSet<>();
    private final Set<CallerHandler> callers = new LinkedHashSet<>();
    private boolean draining;

    Lane(EventLoop eventLoop, UpstreamPool upstreams) {
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

    void letGo(Exchange exchange) {
        holding.remove(exchange);
    }

    void enter(CallerHandler caller) {
        callers.add(caller);
    }

    /** Closes the caller that has been connected longest without a request under way, if there is one. */
    void makeRoom() {
        callers.stream().filter(CallerHandler::isIdle).findFirst().ifPresent(leaving -> {
            leaving.close();
            callers.remove(leaving); // the event loop hears of its end later
        });
    }

    void leave(CallerHandler caller) {
        callers.remove(caller);
    }

    /** The escrow holds something else: everybody who waits looks again. */
    void tokenChanged() {
        List<Exchange> released = new ArrayList<>(holding);
        holding.clear();
        released.forEach(Exchange::proceed);
        upstreams.wakeAll();
    }

    /** Ends what only waits, and lets what is under way come to its end. */
    void drain() {
        draining = true;
        new ArrayList<>(callers).forEach(CallerHandler::drain);
    }

    /** Ends the connections to the API server that no caller uses. */
    void close() {
        upstreams.close();
    }
}
