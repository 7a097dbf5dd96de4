package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Holds the token in use, and beside it the one that waits to be accepted. A token comes into use only once the API
 * server has accepted it (make before break); readers on any thread see both in one immutable {@link Holding}.
 */
public final class Escrow {

    /**
     * One instant's content.
     *
     * @param inUse the accepted token; null while none is
     * @param candidate the newer token that is not accepted yet; null while the file holds none
     */
    public record Holding(@Nullable Token inUse, @Nullable Token candidate) {
        static final Holding EMPTY = new Holding(null, null);
    }

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Holding holding = Holding.EMPTY;

    public Holding holding() {
        return holding;
    }

    /** The token to send with requests; null while none is accepted. */
    public @Nullable Token inUse() {
        return holding.inUse();
    }

    /**
     * Has {@code listener} called after each change, on the thread that made it: it must return at once.
     *
     * @return ends the calls
     */
    public Runnable onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Publishes what is held from now on; only the control loop calls it. */
    void publish(Holding next) {
        if (!next.equals(holding)) {
            holding = next;
            listeners.forEach(Runnable::run);
        }
    }
}
