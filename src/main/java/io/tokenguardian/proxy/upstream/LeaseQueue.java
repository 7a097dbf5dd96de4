package io.tokenguardian.proxy.upstream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one event loop that wait for an upstream, in the order of arrival. Incomplete and whole requests take
 * turns, because an incomplete request keeps its connection for as long as its caller wants.
 */
final class LeaseQueue {

    /** @param since when the request began to wait for an upstream */
    record Waiting(LeaseRequest request, long since) {}

    private final Deque<Waiting> whole = new ArrayDeque<>();
    private final Deque<Waiting> incomplete = new ArrayDeque<>();
    private boolean wholeWasLast;

    void add(LeaseRequest request, long since) {
        (request.isWhole() ? whole : incomplete).addLast(new Waiting(request, since));
    }

    /** Moves {@code request}, if it is waiting, behind the other whole requests. */
    void becameWhole(LeaseRequest request) {
        incomplete.stream()
                .filter(each -> each.request().equals(request))
                .findFirst()
                .ifPresent(each -> {
                    incomplete.remove(each);
                    whole.addLast(each);
                });
    }

    void remove(LeaseRequest request) {
        whole.removeIf(each -> each.request().equals(request));
        incomplete.removeIf(each -> each.request().equals(request));
    }

    private Deque<Waiting> next() {
        return whole.isEmpty() || (wholeWasLast && !incomplete.isEmpty()) ? incomplete : whole;
    }

    @Nullable
    Waiting first() {
        return next().peekFirst();
    }

    @Nullable
    LeaseRequest poll() {
        Deque<Waiting> from = next();
        wholeWasLast = from == whole;
        Waiting first = from.pollFirst();
        return first == null ? null : first.request();
    }

    List<Waiting> takeAll() {
        List<Waiting> all = new ArrayList<>(whole);
        all.addAll(incomplete);
        whole.clear();
        incomplete.clear();
        return all;
    }
}
