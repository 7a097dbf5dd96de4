package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Holds the token in use, and the candidate that waits to be accepted. A token comes into use only when the API server
 * has accepted it (make before break). Readers on any thread see both in one immutable {@link Holding}.
 */
public final class TokenSource {

    /**
     * The content at one instant.
     *
     * @param inUse the accepted token; null while none is
     * @param candidate the newer token that is not accepted yet; null when the file holds none
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
     * Adds a listener, which is called after each change on the thread that made it and must return at once.
     *
     * @return removes the listener
     */
    public Runnable onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Publishes new content. Only the guardian's thread calls it. */
    void publish(Holding next) {
        if (!next.equals(holding)) {
            holding = next;
            listeners.forEach(Runnable::run);
        }
    }
}
