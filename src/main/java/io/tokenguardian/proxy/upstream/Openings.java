package io.tokenguardian.proxy.upstream;

import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.upstream.WaitingRequests.Wait;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Search;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether another connection may be opened now. If not: when, and why. Each waiting request may have one connection
 * opened for it. If no connection is proven within {@link #HEDGE_AFTER}, more are opened beside it. While replicas may
 * refuse the token, {@link Search} limits new connections. Those beyond one for each request come out of the
 * {@link ConnectionBudget}, and after failures, the next waits for the {@link FailureRow}. Also decides when a request
 * has waited long enough. Times are in nanoseconds on the monotonic clock. Not thread-safe.
 */
final class Openings {

    /** How long a request waits for a busy connection while some replicas refuse: hardly noticeable. */
    static final long PATIENCE = Duration.ofMillis(20).toNanos();

    /**
     * After this time and again after twice this time, more connections are opened beside those under way. It is longer
     * if proofs take long.
     */
    static final long HEDGE_AFTER = Duration.ofMillis(250).toNanos();

    /** The number of connections under way beside slow ones: at first, after 250 ms, and after 500 ms. */
    private static final int[] BESIDE_SLOW = {1, 2, 4};

    private static final int MOST_HEDGES = BESIDE_SLOW.length - 1;

    /** A request fails after this many failed attempts, and {@link #LEAST_WAIT}. */
    private static final int LEAST_FAILURES = 3;

    /**
     * How long attempts must fail before a request does. It allows for some eight attempts: if one of three replicas is
     * dead, one request in 5,000 fails.
     */
    private static final long LEAST_WAIT = Duration.ofSeconds(3).toNanos();

    /** How long a request waits for a connection in use if no more may be opened. */
    private static final long FULL_FOR = Duration.ofSeconds(1).toNanos();

    /** A request fails if no server has responded for this long. */
    private static final long SILENT_AFTER = Duration.ofSeconds(10).toNanos();

    /** How much longer a request waits than {@link #SILENT_AFTER} if servers respond, but too slowly: 40 s in all. */
    private static final long SLOW_FOR = Duration.ofSeconds(30).toNanos();

    private static final ConnectionFault FULL =
            new ConnectionFault(ProxyFault.OVERLOADED, "all connections to the API server are in use", false);

    /** Why no connection is opened now. */
    enum Obstacle {
        /** One may be opened now. */
        NONE,
        /** Those under way are enough. */
        NOT_NEEDED,
        /** Those under way are enough, unless they turn out to be slow. */
        HEDGE,
        /** The pool is full. */
        FULL,
        /** Some replicas refuse the token. */
        SEARCH,
        /** The last attempts failed. */
        BACKOFF,
        /** Other connections have used the budget. */
        BUDGET
    }

    /** @param in the time until then; {@link Search#AFTER_AN_EVENT} if an event comes first */
    record Opening(long in, Obstacle obstacle) {
        boolean isNow() {
            return obstacle == Obstacle.NONE;
        }

        private static Opening later(Opening one, Opening other) {
            return one.in >= other.in ? one : other;
        }
    }

    /**
     * What connections are needed for.
     *
     * @param waiting the number of requests that wait for a connection
     * @param first the longest wait; null for none
     * @param withoutConnection a wait for which no connection has been opened; null for none
     * @param connections the connections that are being opened or have not ended
     * @param acceptedByEvery whether every replica is known to accept a token
     * @param accepted whether the replica of an open connection accepts a usable token
     * @param onlyFor401 how many connections carry a request that is sent only to get its 401; -1 if none is sent so
     * @param acceptedLater whether a connection waits for its replica's clock
     */
    record Demand(
            int waiting,
            @Nullable Wait first,
            @Nullable Wait withoutConnection,
            int connections,
            boolean acceptedByEvery,
            boolean accepted,
            int onlyFor401,
            boolean acceptedLater) {}

    /** A connection that is being opened or proven. */
    static final class Attempt {

        enum Purpose {
            NEW,
            /** A known connection is proven again for a request. */
            AGAIN,
            /** A connection that accepts an older token is proven with a newer one. */
            RENEWAL,
            /** The clock of a connection that waits may have reached the token's window. */
            MOMENT
        }

        private final Purpose purpose;
        private final long begun;

        /** Whether it was not proven in time. No request relies on it, but it may still be used. */
        private boolean late;

        private boolean connected;

        private Attempt(Purpose purpose, long begun) {
            this.purpose = purpose;
            this.begun = begun;
        }

        boolean isNew() {
            return purpose == Purpose.NEW;
        }

        void connected() {
            connected = true;
        }
    }

    private final int most;
    private final Search search;
    private final ConnectionBudget budget;
    private final FailureRow failures;
    private final Set<Attempt> attempts = new LinkedHashSet<>();
    private long lastBegun;

    /** When the first of the requests that wait began to wait, or a server last responded to a proof. */
    private long hedgeSince;

    private int hedges;

    /** How long the latest new connection took to get its first response. */
    private long took;

    private long lastResponse;

    /** @param most the most open connections */
    Openings(int most, Search search, ConnectionBudget budget, FailureRow failures, long now) {
        this.most = most;
        this.search = search;
        this.budget = budget;
        this.failures = failures;
        this.lastResponse = now;
    }

    // Attempts

    Attempt begin(Attempt.Purpose purpose, boolean limited, long now) {
        Attempt attempt = new Attempt(purpose, now);
        attempts.add(attempt);
        lastBegun = now;
        if (attempt.isNew()) {
            failures.begun(now);
            if (limited) {
                search.opened(now);
            }
        }
        return attempt;
    }

    /**
     * Ends an attempt.
     *
     * @param finding what it shows about the token; null if no proof was sent
     * @return whether the search has just given up
     */
    boolean end(Attempt attempt, @Nullable Finding finding, long now) {
        attempts.remove(attempt);
        return attempt.isNew() && finding != null && search.found(finding, now);
    }

    /** Called when the server has responded to the attempt, whatever its response. */
    void responded(Attempt attempt, long now) {
        failures.responded(now);
        if (attempt.isNew()) {
            lastResponse = now;
            took = now - attempt.begun;
        }
    }

    void failed(Attempt attempt, ConnectionFault fault, long now) {
        if (attempt.isNew()) {
            failures.failed(fault, attempt.begun, now);
        }
    }

    private int count(Predicate<Attempt> counted) {
        return (int) attempts.stream().filter(counted).count();
    }

    /** The attempts that requests rely on. */
    int underWay() {
        return count(each -> !each.late);
    }

    /** Of {@link #underWay}, the connections that are proven again for a request. */
    int provenAgain() {
        return count(each -> !each.late && each.purpose == Attempt.Purpose.AGAIN);
    }

    boolean isUnderWay(Attempt.Purpose purpose) {
        return count(each -> each.purpose == purpose) > 0;
    }

    /** The connections that are being opened. */
    int connecting() {
        return count(each -> each.isNew() && !each.connected);
    }

    /** Makes the attempts under way late, so that others are begun in their place. */
    private void giveUpUnderWay() {
        attempts.forEach(each -> each.late = true);
    }

    // Connections beside slow ones

    /** Called when the first request begins to wait. Earlier attempts that are slow do not count for it. */
    void waitBegins(long now) {
        restartHedge(now);
        if (now - lastBegun >= hedgeAfter()) {
            giveUpUnderWay();
        }
    }

    /** Called when a proof shows that servers respond. */
    void restartHedge(long now) {
        hedgeSince = now;
        hedges = 0;
    }

    /** Gives up the attempts under way, if it is time for more connections. */
    void hedge(long now) {
        if (hedgesIn(now) <= 0) {
            giveUpUnderWay();
            hedges++;
        }
    }

    private long hedgesIn(long now) {
        return hedges < MOST_HEDGES ? hedgeSince + (hedges + 1) * hedgeAfter() - now : Search.AFTER_AN_EVENT;
    }

    /**
     * Returns four times as long as a proof takes, within bounds: if servers are slow, more connections do not help.
     */
    private long hedgeAfter() {
        return Math.min(Upstream.PROOF_TIME.toNanos(), Math.max(HEDGE_AFTER, 4 * took));
    }

    /** How many connections are needed beside slow ones: few, unless only some of the servers are slow. */
    private int besideSlow(Demand demand) {
        boolean someAreFast =
                demand.first != null && lastResponse - demand.first.since > 0 && hedgeAfter() == HEDGE_AFTER;
        int many = someAreFast ? Math.min(demand.waiting, Search.SIDE_BY_SIDE) : 0;
        return Math.max(BESIDE_SLOW[hedges], many);
    }

    // The next connection

    /** How many attempts are needed. A search opens several connections side by side even for one request. */
    private int wanted(Demand demand) {
        boolean slow = hedges > 0 || underWay() < attempts.size();
        int needed = slow ? besideSlow(demand) : demand.waiting;
        return search.isSearching() && !demand.accepted ? Math.max(needed, Search.SIDE_BY_SIDE) : needed;
    }

    /** Returns when the next connection may be opened for requests that wait. */
    Opening next(Demand demand, long now) {
        Opening hedge = new Opening(hedgesIn(now), hedges < MOST_HEDGES ? Obstacle.HEDGE : Obstacle.NOT_NEEDED);
        if (wanted(demand) <= underWay()) {
            return hedge;
        }
        Opening needed = allowed(demand, now);
        return needed.in <= hedge.in ? needed : hedge;
    }

    /** Returns when the next connection may be opened, whether or not it is needed. */
    Opening allowed(Demand demand, long now) {
        if (demand.connections >= most) {
            return new Opening(Search.AFTER_AN_EVENT, Obstacle.FULL);
        }
        Opening search = new Opening(searchOpensIn(demand, now), Obstacle.SEARCH);
        Opening backoff = new Opening(failures.opensIn(now), Obstacle.BACKOFF);
        Opening paid = new Opening(demand.withoutConnection != null ? 0 : budget.opensIn(now), Obstacle.BUDGET);
        Opening last = Opening.later(search, Opening.later(backoff, paid));
        return last.in > 0 ? last : new Opening(0, Obstacle.NONE);
    }

    /** Returns how long the search and the requests sent unproven keep the next connection from being opened. */
    private long searchOpensIn(Demand demand, long now) {
        if (demand.withoutConnection != null && demand.withoutConnection.ownCredential) {
            return 0; // any replica will do
        }
        if (demand.onlyFor401 >= 0 && demand.onlyFor401 + attempts.size() >= Connections.MOST_KEPT) {
            return Search.AFTER_AN_EVENT;
        }
        if (!search.isLimited(demand.acceptedByEvery, now)) {
            return 0;
        }
        boolean mayBeServed = demand.accepted || (underWay() > 0 && !search.isSearching());
        long patience = demand.first != null && mayBeServed ? demand.first.since + PATIENCE - now : 0;
        return Math.max(search.opensIn(count(Attempt::isNew), now), patience);
    }

    // The end of a wait

    /**
     * Returns the time until the first wait is over, unless something happens before. It goes on while a server
     * responds, or while a replica is known that will accept the token later.
     */
    long endsIn(Demand demand, long now) {
        Wait wait = Objects.requireNonNull(demand.first);
        long waited = now - wait.since;
        if (isFull(demand)) {
            return FULL_FOR - waited;
        }
        boolean searches = search.isSearching();
        if (searches && demand.acceptedLater) {
            return Search.AFTER_AN_EVENT;
        }
        long silent = now - failures.lastResponse();
        long inVain = Math.min(waited, searches ? silent : Math.max(silent, waited - SLOW_FOR));
        boolean failed = attempts.isEmpty() && failures.failures() - wait.failuresBefore >= LEAST_FAILURES;
        return (failed ? LEAST_WAIT : SILENT_AFTER) - inVain;
    }

    /** Returns why the first wait is over. */
    ConnectionFault fault(Demand demand) {
        return isFull(demand) ? FULL : failures.lastFault();
    }

    /** Whether requests would need more connections than the pool may have. */
    private boolean isFull(Demand demand) {
        return demand.connections >= most && demand.waiting > attempts.size();
    }
}
