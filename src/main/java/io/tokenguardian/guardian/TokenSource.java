package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Holds the token in use. A token comes into use only when the API server has accepted it. May be read on any thread.
 */
public final class TokenSource {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable Token inUse;

    /** The token to send with requests; null while none is accepted. */
    public @Nullable Token inUse() {
        return inUse;
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

    /** Sets the token in use; null for none. Only the guardian's thread calls it. */
    void publish(@Nullable Token next) {
        if (!Objects.equals(next, inUse)) {
            inUse = next;
            listeners.forEach(Runnable::run);
        }
    }
}
