package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Holds the tokens to send: each of them is accepted by some API server replica. May be read on any thread. */
public final class TokenSource {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Content content = new Content(List.of(), false);

    private record Content(List<Token> usable, boolean acceptedByEvery) {
        Content {
            usable = List.copyOf(usable);
        }
    }

    public @Nullable Token best() {
        List<Token> usable = usable();
        return usable.isEmpty() ? null : usable.get(0);
    }

    /** Best first: the newest token that all known replicas accept, then the others, fewest refusing replicas first. */
    public List<Token> usable() {
        return content.usable();
    }

    /** Whether every known replica accepts the best token. */
    public boolean isAcceptedByEvery() {
        return content.acceptedByEvery();
    }

    /** The listener runs on the thread that made the change, and must return at once. The result removes it. */
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
