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
    private final int maxCallers;
    private final Set<Exchange> holding = new LinkedHashSet<>();
    private final Set<CallerHandler> callers = new LinkedHashSet<>();
    private boolean draining;

    Lane(EventLoop eventLoop, UpstreamPool upstreams, int maxCallers) {
        this.maxCallers = maxCallers;
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

    /**
     * Takes one more caller. With {@code maxCallers} here already, the one that has been connected longest without a request under
     * way makes room; where all have one, the new caller has to go.
     */
    void enter(CallerHandler caller) {
        if (callers.size() >= maxCallers) {
            CallerHandler leaving =
                    callers.stream().filter(CallerHandler::isIdle).findFirst().orElse(caller);
            leaving.close();
            callers.remove(leaving); // the event loop hears of its end later, and of other new callers before
            if (leaving.equals(caller)) {
                return;
            }
        }
        callers.add(caller);
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
