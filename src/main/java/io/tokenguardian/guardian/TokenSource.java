package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Holds the tokens to send: each of them is accepted by some API server replica. May be read on any thread. */
public final class TokenSource {
    private final boolean hasProxy;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Content content = new Content(List.of(), false);

    private record Content(List<Token> usable, boolean acceptedByEvery) {
        Content {
            usable = List.copyOf(usable);
        }
    }

    /** Creates a token source for a program with a proxy. */
    public TokenSource() {
        this(true);
    }

    /** @param hasProxy whether this program has a proxy, which adds the tokens to requests */
    public TokenSource(boolean hasProxy) {
        this.hasProxy = hasProxy;
    }

    boolean hasProxy() {
        return hasProxy;
    }

    /** Returns the token to send with requests: the first of {@link #usable()}; null if no token is usable. */
    public @Nullable Token best() {
        List<Token> usable = usable();
        return usable.isEmpty() ? null : usable.get(0);
    }

    /**
     * Returns the tokens that some replica accepts, best first: the newest token that all known replicas accept, then
     * the others, starting with the token that the fewest replicas refuse.
     */
    public List<Token> usable() {
        return content.usable();
    }

    /** Whether every known replica accepts the best token. */
    public boolean isAcceptedByEvery() {
        return content.acceptedByEvery();
    }

    /**
     * Adds a listener that is called after each change, on the thread that made the change. The listener must return at
     * once.
     *
     * @return an action that removes the listener
     */
    public Runnable onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Sets the usable tokens, best first. Only the guardian's thread calls this. */
    void publish(List<Token> usable, boolean acceptedByEvery) {
        Content next = new Content(usable, acceptedByEvery);
        if (!next.equals(content)) {
            content = next;
            listeners.forEach(Runnable::run);
        }
    }
}
