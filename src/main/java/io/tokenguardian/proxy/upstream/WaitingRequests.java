package io.tokenguardian.proxy.upstream;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The requests of one event loop that wait: for a connection, the longest wait first, or for a token. */
final class WaitingRequests {

    /** A wait for a connection. */
    static final class Wait {
        /** In nanoseconds on the monotonic clock. */
        final long since;

        /** {@link FailureRow#failures} when the wait began. */
        final long failuresBefore;

        /** Whether the caller's own credential is sent, so that any replica will do. */
        final boolean ownCredential;

        /** Whether a connection has been opened for the request. Further ones come out of the budget. */
        boolean hasConnection;

        Wait(long since, long failuresBefore, boolean ownCredential) {
            this.since = since;
            this.failuresBefore = failuresBefore;
            this.ownCredential = ownCredential;
        }
    }

    private final Map<WaitingRequest, Wait> forConnection = new LinkedHashMap<>();
    private final Set<WaitingRequest> forToken = new LinkedHashSet<>();

    void addForConnection(WaitingRequest request, Wait wait) {
        forConnection.put(request, wait);
    }

    void addForToken(WaitingRequest request) {
        forToken.add(request);
    }

    void remove(WaitingRequest request) {
        forConnection.remove(request);
        forToken.remove(request);
    }

    /** Removes all requests, and returns them with their waits for a connection; null for those without a token. */
    Map<WaitingRequest, @Nullable Wait> removeAll() {
        Map<WaitingRequest, @Nullable Wait> all = new LinkedHashMap<>(forConnection);
        forToken.forEach(each -> all.put(each, null));
        forConnection.clear();
        forToken.clear();
        return all;
    }

    /** The number of requests that wait for a connection. */
    int size() {
        return forConnection.size();
    }

    boolean isEmpty() {
        return forConnection.isEmpty();
    }

    boolean isWaiting(WaitingRequest request) {
        return forConnection.containsKey(request);
    }

    /** Returns the request that has waited longest for a connection and passes {@code test}; null for none. */
    @Nullable
    WaitingRequest first(Predicate<WaitingRequest> test) {
        return forConnection.keySet().stream().filter(test).findFirst().orElse(null);
    }

    @Nullable
    WaitingRequest first() {
        return forConnection.isEmpty()
                ? null
                : forConnection.keySet().iterator().next();
    }

    Wait wait(WaitingRequest request) {
        return Objects.requireNonNull(forConnection.get(request));
    }

    /** Returns the requests that wait for a connection, without the first {@code served}. */
    List<WaitingRequest> after(int served) {
        return new ArrayList<>(forConnection.keySet()).subList(Math.min(served, size()), size());
    }

    /**
     * Returns a wait for which no connection has been opened; null for none. The first is that of a request to any
     * replica.
     */
    @Nullable
    Wait withoutConnection() {
        return forConnection.values().stream()
                .filter(each -> !each.hasConnection)
                .max(Comparator.comparing(each -> each.ownCredential))
                .orElse(null);
    }

    /** Lets a request have one more connection, because the server has ended the last in good order after its proof. */
    void payBack() {
        forConnection.values().stream()
                .filter(each -> each.hasConnection)
                .findFirst()
                .ifPresent(each -> each.hasConnection = false);
    }
}
