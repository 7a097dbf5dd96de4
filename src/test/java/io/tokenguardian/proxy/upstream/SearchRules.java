package io.tokenguardian.proxy.upstream;

import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.request.RequestContext;
import io.tokenguardian.proxy.upstream.SimulatedReplica.Connection;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.RefusalCause;
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
     * within this time.
     */
    private static final long SEARCH = 60 * SimulatedWorld.SECOND;

    /** How long a condition has lasted. */
    private final class Lasting {
        private long since = -1;

        long time(boolean condition) {
            since = !condition ? -1 : since < 0 ? world.now : since;
            return condition ? world.now - since : 0;
        }
    }

    private final SimulatedWorld world;
    private final SearchWorldsTest.Seen seen;
    private final Lasting mayGoOn = new Lasting();
    private final Lasting mayGoDirect = new Lasting();
    private final List<Connection> probes = new ArrayList<>();
    private final List<Long> limited = new ArrayList<>();

    /** Whether a connection has begun to be opened, or a replica has got a request. */
    boolean progress;

    /** The number of connections that servers closed during a request, which may then open a connection at once. */
    int lost;

    /** When a connection to a replica's own address last failed. */
    long directFailedAt = -1;

    private int refusedInARow;
    private @Nullable RefusalCause lastCause;

    /** When the current row of probes without an acceptance began. */
    private long rowSince;

    private int row;
    private long lastProbe;

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
        boolean waits = world.counters.snapshot().heldNow() > world.connecting && !usable.isEmpty();
        check(
                !waits || world.connections.stream().noneMatch(each -> each.isIdleFor(usable)),
                "a request waits while a connection to an accepting replica is idle");
        boolean stands = waits && !progress;
        progress = false;
        check( // whole and incomplete requests take turns, so a request that came later may be first
                mayGoOn.time(stands && maySearch(world.now - ReplicaSearch.PATIENCE)) <= 2 * ReplicaSearch.PATIENCE,
                "a request waits longer than the patience while the search may go on");
        boolean direct = world.connector.reachesAcceptingReplica(world.example);
        check( // the end of a pause after a failure does not wake requests, but the search does
                mayGoDirect.time(stands && direct) <= 2 * SimulatedWorld.SECOND,
                "a request waits while a replica is known to accept");
        if (!world.pool.search().isSearching()) {
            beginRow();
        }
    }

    private boolean maySearch(long since) {
        ReplicaSearch search = world.pool.search();
        return search.isByProbesFor(world.example) ? search.mayProbe() : search.mayConnect(world.example, since);
    }

    // New connections

    /** Called when a connection begins to be opened. Returns whether it counts for the rate, unless it is a probe's. */
    boolean connects(@Nullable SimulatedReplica direct) {
        progress = true;
        check(
                direct == null || world.source.usable().stream().anyMatch(direct::accepts),
                "a connection goes to the address of a replica that is known to refuse");
        check(
                direct != null
                        || world.now == directFailedAt
                        || !world.connector.reachesAcceptingReplica(world.example),
                "a connection goes to the service although a replica is known to accept");
        return direct == null && world.pool.search().isLimitedFor(world.example);
    }

    /** @param begun when the connection began to be opened */
    void connected(Connection connection, long begun, boolean probe, boolean counts) {
        if (!probe) {
            limited.addAll(counts ? List.of(begun) : List.of());
            return;
        }
        if (world.source.usable().isEmpty()) {
            return; // the probe is not sent
        }
        probes.removeIf(each -> each.hasResponded || !each.channel.isActive());
        probes.add(connection);
        check(probes.size() <= ReplicaSearch.SIDE_BY_SIDE, "too many probes side by side");
        if (begun > rowSince) {
            row++;
            seen.longestRow = Math.max(row, seen.longestRow);
            int pauses = row - ReplicaSearch.AT_ONCE;
            check(
                    pauses <= 0
                            || begun - lastProbe
                                    >= ReplicaSearch.PAUSES
                                            .pause(pauses, () -> 0)
                                            .toNanos(),
                    "no pause between two probes");
            lastProbe = begun;
        }
    }

    private void beginRow() {
        row = 0;
        rowSince = world.now;
    }

    private void checkRate() {
        seen.limited += limited.size();
        Collections.sort(limited);
        long interval = SimulatedWorld.SECOND / UpstreamPools.PER_SECOND;
        long wholeBurstAt = 0;
        int early = 0;
        for (long begun : limited) {
            early += wholeBurstAt - begun > SimulatedWorld.SECOND - interval ? 1 : 0;
            wholeBurstAt = Math.max(wholeBurstAt, begun) + interval;
        }
        check(early <= lost, "too many connections in a second");
    }

    // Requests

    /** @param cause why a 401 was sent; null for another response */
    void responded(int status, Token token, boolean first, @Nullable RefusalCause cause) {
        lastCause = cause;
        if (status == 401) {
            seen.refusals++;
            refusedInARow += first ? 1 : 0;
            return;
        }
        beginRow();
        if (status == 200) {
            refusedInARow = 0;
            seen.withOlder += token.equals(world.issued.get(world.issued.size() - 1)) ? 0 : 1;
        }
    }

    void relayed(int status) {
        if (status == 401 && refusedInARow < ReplicaSearch.GIVE_UP_AFTER) {
            seen.passedOn++;
            check(lastCause == RefusalCause.OTHER, "a caller gets a 401 that a clock explains");
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
                world.context.replayBudget().left() == RequestContext.REPLAY_TOTAL,
                "bytes for retries are not given back");
        check(world.allocator.metric().usedHeapMemory() == 0, "a buffer is not released");
        check(maySearch(world.now), "a connection or a probe that has ended still counts");
    }
}
