package io.tokenguardian.proxy.upstream;

import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.request.RequestContext;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Search;
import io.tokenguardian.token.Token;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the rules of {@link SearchWorldsTest} in one world, from what its callers and replicas observe. */
final class SearchRules {

    /** How long a request may take in addition to the time for which it may be held. */
    private static final long IN_PROGRESS = 20 * SimulatedWorld.SECOND;

    /**
     * After 24 connections, the search opens a connection at least every two seconds. It finds the accepting replica
     * within this time, even if 48 connections in a row lead to the four other replicas.
     */
    private static final long SEARCH = 100 * SimulatedWorld.SECOND;

    private final SimulatedWorld world;
    private final SearchWorldsTest.Seen seen;
    private final List<Long> limited = new ArrayList<>();

    /** The number of connections that servers closed during a request, which may then open a connection at once. */
    int lost;

    /** Whether a server has closed a connection after a response. The next request may then be sent unproven. */
    boolean closes;

    /** When a request was last sent while the search had given up. */
    long givenUpAt = -SimulatedWorld.SECOND;

    private int refusedInARow;

    /** The connections of the search. An acceptance ends it, and a refusal at the same time begins another. */
    int row;

    private long lastInRow;

    SearchRules(SimulatedWorld world, SearchWorldsTest.Seen seen) {
        this.world = world;
        this.seen = seen;
    }

    void check(boolean kept, String broken) {
        if (!kept) {
            seen.broken.add("seed " + world.seed + " at " + world.now / 1_000_000 + " ms: " + broken);
        }
    }

    /** Called when all work that is due at this time has been done. */
    void look() {
        List<Token> usable = world.source.usable();
        boolean waits = world.counters.snapshot().heldNow() > 0 && !usable.isEmpty();
        check(
                !waits
                        || world.connections.stream().noneMatch(each -> each.isIdleFor(usable))
                        || world.connections.stream().anyMatch(each -> each.isBeingProven()),
                "a request waits while a connection to an accepting replica is idle");
        if (!world.pool.search().isSearching()) {
            row = 0;
        }
    }

    // New connections

    /** Called when a connection begins to be opened. Returns whether it counts for the rate. */
    boolean connects() {
        if (world.pool.search().isSearching()) {
            row++;
            seen.longestRow = Math.max(row, seen.longestRow);
            check(row <= Search.AT_ONCE || world.now - lastInRow >= 75_000_000, "no pause between two connections");
            check(world.connecting <= Search.SIDE_BY_SIDE, "too many connections side by side");
            lastInRow = world.now;
            return false;
        }
        return world.pool.isLimited();
    }

    /** @param begun when the connection began to be opened */
    void connected(long begun, boolean counts) {
        limited.addAll(counts ? List.of(begun) : List.of());
    }

    private void checkRate() {
        seen.limited += limited.size();
        Collections.sort(limited);
        long interval = SimulatedWorld.SECOND / UpstreamPools.PER_SECOND;
        long wholeBurstAt = 0;
        int early = 0;
        for (long begun : limited) {
            early += wholeBurstAt - begun > (Search.AT_ONCE - 1) * interval ? 1 : 0;
            wholeBurstAt = Math.max(wholeBurstAt, begun) + interval;
        }
        check(early <= lost, "too many connections in a second");
    }

    // Requests

    void responded(int status, Token token, boolean first) {
        if (status == 401) {
            seen.refusals++;
            refusedInARow += first ? 1 : 0;
            return;
        }
        if (status == 200) {
            refusedInARow = 0;
            seen.withOlder += token.equals(world.issued.get(world.issued.size() - 1)) ? 0 : 1;
        }
    }

    /** @param cause why a 401 was sent; null for another response, and for a request that was sent without a proof */
    void relayed(int status, @Nullable String cause) {
        boolean givenUp = world.now - givenUpAt < SimulatedWorld.SECOND;
        if (status == 401 && refusedInARow < Search.GIVE_UP_AFTER && !givenUp) {
            boolean marked = world.seed % 3 > 0; // otherwise, a POST whose connection is lost may get its 401
            seen.passedOn += marked ? 1 : 0;
            check(
                    !marked || cause == null || cause.equals(Finding.REFUSED.word()),
                    "a caller gets a 401 that a clock explains");
        }
    }

    void failed(SimulatedCaller caller, ProxyFault fault) {
        seen.timeouts += fault == ProxyFault.NOT_ACCEPTED_IN_TIME ? 1 : 0;
        boolean allowed = switch (fault) {
            case UPSTREAM_SILENT, UPSTREAM_UNREACHABLE, UPSTREAM_BROKE -> true;
            case NOT_ACCEPTED_IN_TIME -> world.lastWithoutToken >= caller.begun;
            case OVERLOADED -> world.connections.size() + world.connecting >= UpstreamPools.MAX_CONNECTIONS;
            default -> false;
        };
        check(allowed, "a request fails: " + fault);
    }

    void ended(SimulatedCaller caller) {
        seen.requests++;
        long latest = caller.begun + world.settings.holdTimeout().toNanos() + IN_PROGRESS;
        check(world.now <= latest, "a request takes longer than the hold timeout");
        long couldEnd = Math.max(caller.begun, Math.max(SimulatedWorld.BUSY, world.lastWithoutToken));
        check(world.now <= couldEnd + SEARCH, "a request waits although a replica accepts a usable token");
    }

    /** Called after the pool has been closed. */
    void lookAtEnd(boolean tasksAreLeft) {
        checkRate();
        check(world.callers.isEmpty(), "a request never ends");
        check(!tasksAreLeft, "a timer never ends");
        check(world.connections.isEmpty(), "a connection is neither in use nor in the pool");
        check(world.counters.snapshot().heldNow() == 0, "a request still counts as held");
        check(
                world.context.replayBudget().availablePermits() == RequestContext.REPLAY_TOTAL,
                "bytes for retries are not given back");
        check(world.allocator.metric().usedHeapMemory() == 0, "a buffer is not released");
        check(!world.pool.openings().isUnderWay(Openings.Attempt.Purpose.NEW), "an ended connection still counts");
    }
}
