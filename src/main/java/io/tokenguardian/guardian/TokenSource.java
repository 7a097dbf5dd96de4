package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Holds the tokens to send. A token is among them only while some replica of the API server accepts it. May be read on
 * any thread.
 */
public final class TokenSource {
    private final boolean hasProxy;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Content content = new Content(List.of(), false);

    private record Content(List<Token> usable, boolean acceptedByEvery) {
        Content {
            usable = List.copyOf(usable);
        }
    }

    /** Like {@code TokenSource(true)}. */
    public TokenSource() {
        this(true);
    }

    /** @param hasProxy whether this program has a proxy, which sends the tokens with requests */
    public TokenSource(boolean hasProxy) {
        this.hasProxy = hasProxy;
    }

    boolean hasProxy() {
        return hasProxy;
    }

    /** The token to send with requests: the first of {@link #usable()}; null for none. */
    public @Nullable Token best() {
        List<Token> usable = usable();
        return usable.isEmpty() ? null : usable.get(0);
    }

    /**
     * The tokens that some replica accepts, the best first: the newest that all known replicas accept, then those that
     * the fewest refuse.
     */
    public List<Token> usable() {
        return content.usable();
    }

    /** Whether every known replica accepts the best token. */
    public boolean isAcceptedByEvery() {
        return content.acceptedByEvery();
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

    /** Sets the usable tokens, the best first. Only the guardian's thread calls it. */
    void publish(List<Token> usable, boolean acceptedByEvery) {
        Content next = new Content(usable, acceptedByEvery);
        if (!next.equals(content)) {
            content = next;
            listeners.forEach(Runnable::run);
        }
    }
}
