package io.tokenguardian.proxy.caller;

import io.tokenguardian.proxy.request.EventLoopState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;

/** The callers of one event loop. */
public final class LoopCallers {

    private final EventLoopState loopState;
    private final Set<CallerHandler> callers = new LinkedHashSet<>();

    public LoopCallers(EventLoopState loopState) {
        this.loopState = loopState;
    }

    /** What the requests of the event loop share. */
    public EventLoopState loopState() {
        return loopState;
    }

    /** Adds a caller. Closes the caller if a shutdown has begun since it was accepted. */
    void enter(CallerHandler caller) {
        callers.add(caller);
        if (loopState.isDraining()) {
            caller.drain();
        }
    }

    /** Closes the idle caller among {@code some} that connected first, if any. */
    public void makeRoom(Predicate<CallerHandler> some) {
        callers.stream().filter(some).filter(CallerHandler::isIdle).findFirst().ifPresent(leaving -> {
            leaving.close();
            callers.remove(leaving); // now, because channelInactive comes later
        });
    }

    void leave(CallerHandler caller) {
        callers.remove(caller);
    }

    /** On shutdown: fails requests that wait, closes idle callers, and lets other requests finish. */
    public void drain() {
        loopState.drain();
        new ArrayList<>(callers).forEach(CallerHandler::drain);
    }

    /** Closes the callers' connections, and the connections to the API server that no request uses. */
    public void close() {
        new ArrayList<>(callers).forEach(CallerHandler::shutDown);
        loopState.close();
    }
}
