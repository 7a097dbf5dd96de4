package io.tokenguardian.proxy.caller;

import io.tokenguardian.proxy.request.LoopState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;

/** The callers of one event loop. */
public final class LoopCallers {

    private final LoopState state;
    private final Set<CallerHandler> callers = new LinkedHashSet<>();

    public LoopCallers(LoopState state) {
        this.state = state;
    }

    public LoopState state() {
        return state;
    }

    /** Adds a caller, or closes its connection if a shutdown has begun since it was accepted. */
    void enter(CallerHandler caller) {
        callers.add(caller);
        if (state.isDraining()) {
            caller.drain();
        }
    }

    /** Closes the oldest idle connection that {@code counted} accepts, if any. */
    public void makeRoom(Predicate<CallerHandler> counted) {
        callers.stream().filter(counted.and(CallerHandler::isIdle)).findFirst().ifPresent(leaving -> {
            leaving.close();
            callers.remove(leaving); // removed now, because channelInactive is called later
        });
    }

    void leave(CallerHandler caller) {
        callers.remove(caller);
    }

    /** Called on shutdown: fails waiting requests, closes idle connections, and allows other requests to finish. */
    public void drain() {
        state.drain();
        new ArrayList<>(callers).forEach(CallerHandler::drain);
    }

    /** Closes the callers' connections, and the connections to the API server that no request uses. */
    public void close() {
        new ArrayList<>(callers).forEach(CallerHandler::shutDown);
        state.pool().close();
    }
}
