package io.tokenguardian.proxy.upstream;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop, by their states, and which of them is used first. */
final class Connections {

    /** The most connections that wait, and the most that refuse. The proxy has two event loops: 32 of each. */
    static final int MOST_KEPT = 16;

    /** How long a connection may go unused: less than the API server's 90 s, and many a load balancer's 60 s. */
    static final long MOST_UNUSED = Duration.ofSeconds(55).toNanos();

    private final LongSupplier nanoTime;
    private final Set<Upstream> all = new LinkedHashSet<>();

    /** The connections that no request or proof uses. The last to enter a state is at the end. */
    private final Map<UpstreamState, Deque<Upstream>> unused = new EnumMap<>(Map.of(
            UpstreamState.IDLE, new ArrayDeque<>(),
            UpstreamState.EARLY, new ArrayDeque<>(),
            UpstreamState.REFUSING, new ArrayDeque<>()));

    Connections(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    // Changes

    void add(Upstream upstream) {
        all.add(upstream);
    }

    /** Called by {@link Upstream#enter} only. */
    void moved(Upstream upstream, UpstreamState from, UpstreamState to) {
        Deque<Upstream> left = unused.get(from);
        if (left != null) {
            left.removeLastOccurrence(upstream);
        }
        Deque<Upstream> entered = unused.get(to);
        if (entered != null) {
            entered.addLast(upstream);
        }
        if (to == UpstreamState.CLOSED) {
            all.remove(upstream);
        }
    }

    /** Keeps a connection that has just been used. Without requests, the server closes the connections. */
    void keepIdle(Upstream upstream) {
        upstream.enter(UpstreamState.IDLE);
        while (closeIfStale(in(UpstreamState.IDLE).getFirst())) {
            // the next one may be stale too
        }
    }

    /** Keeps a connection whose replica refuses each usable token. */
    void keepRefusing(Upstream upstream, List<Token> usable) {
        Token first = upstream.firstToBegin(usable);
        if (first == null) {
            upstream.enter(UpstreamState.REFUSING);
            if (in(UpstreamState.REFUSING).size() > MOST_KEPT) {
                in(UpstreamState.REFUSING).getFirst().close();
            }
            return;
        }
        upstream.postpone(first);
        if (in(UpstreamState.EARLY).size() > MOST_KEPT) {
            in(UpstreamState.EARLY).stream()
                    .max(Comparator.comparing(each -> each.acceptsFirstBy(usable)))
                    .ifPresent(Upstream::close);
        }
    }

    private boolean closeIfStale(Upstream upstream) {
        boolean stale = nanoTime.getAsLong() - upstream.usedAt() >= MOST_UNUSED;
        if (stale) {
            upstream.close();
        }
        return stale;
    }

    void closeUnused() {
        unused.values().forEach(each -> List.copyOf(each).forEach(Upstream::close));
    }

    // Questions

    /** The number of connections that have not ended. Some may be closing. */
    int size() {
        return all.size();
    }

    /** How many connections carry a request that is sent only to get its 401. */
    int unproven() {
        return (int) all.stream().filter(Upstream::isUnproven).count();
    }

    /** Whether the replica of some connection accepts a usable token. */
    boolean isAccepted(List<Token> usable) {
        return all.stream().anyMatch(each -> each.accepts(usable));
    }

    boolean isEmpty(UpstreamState state) {
        return in(state).isEmpty();
    }

    /** {@code state} is {@code IDLE}, {@code EARLY} or {@code REFUSING}. */
    private Deque<Upstream> in(UpstreamState state) {
        return unused.getOrDefault(state, new ArrayDeque<>());
    }

    /** Of the connections that pass {@code test}, returns the last to enter {@code state}; null for none. */
    @Nullable
    Upstream last(UpstreamState state, Predicate<Upstream> test) {
        Upstream found = null;
        for (Iterator<Upstream> newest = in(state).descendingIterator(); found == null && newest.hasNext(); ) {
            Upstream each = newest.next();
            found = test.test(each) ? each : null;
        }
        return found != null && closeIfStale(found) ? last(state, test) : found;
    }

    /** Returns an unused connection whose replica may accept a usable token now; null for none. */
    @Nullable
    Upstream toProveAgain(List<Token> usable) {
        Upstream found = last(UpstreamState.IDLE, each -> true);
        for (UpstreamState refused : List.of(UpstreamState.EARLY, UpstreamState.REFUSING)) {
            found = found == null ? last(refused, each -> each.tokenToSend(usable) != null) : found;
        }
        return found;
    }

    /** Returns the connection that waits and whose replica will accept a usable token first; null for none. */
    @Nullable
    Upstream firstToAccept(List<Token> usable) {
        return in(UpstreamState.EARLY).stream()
                .min(Comparator.comparing(each -> each.acceptsFirstBy(usable)))
                .filter(each -> each.acceptsFirstBy(usable).isBefore(Instant.MAX))
                .orElse(null);
    }
}
