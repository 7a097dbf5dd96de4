package io.tokenguardian.proxy.upstream;

import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Limits how many new connections an event loop of the proxy opens in search of a replica that accepts the token. While
 * some replicas refuse the token, few new connections are opened:
 *
 * <ul>
 *   <li>While a connection to an accepting replica exists, requests open new connections at a limited rate. Each
 *       request first waits for {@link #PATIENCE}, because that connection may become free.
 *   <li>If a replica has refused the token and no connection to an accepting replica exists, requests wait, and probes
 *       are sent instead: {@link #SIDE_BY_SIDE} at a time, {@link #AT_ONCE} in a row, and then one after each of
 *       {@link #PAUSES}. The search continues, because the replica that issued a fresh token accepts it.
 *   <li>After {@link #GIVE_UP_AFTER} refusals in a row, callers get the last 401 at once, unless waiting ends the last
 *       refusal. After a pause, the search begins again.
 * </ul>
 */
public final class ReplicaSearch {

    /** The maximum number of probes in progress at a time. */
    public static final int SIDE_BY_SIDE = 8;

    /**
     * The number of new connections in a row that are opened without a pause. If one of three replicas accepts, 6 in
     * 100,000 searches miss that replica.
     */
    public static final int AT_ONCE = 24;

    /**
     * The pauses after the first {@link #AT_ONCE} connections. The search continues, because a replica may have only
     * just issued the token.
     */
    static final Backoff PAUSES = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    /**
     * The number of refusals in a row that end the search. If one of three replicas accepts, 15 in 10,000 searches give
     * up.
     */
    public static final int GIVE_UP_AFTER = 16;

    /** How long callers get an immediate 401 after a search has given up. */
    static final Backoff GIVEN_UP = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /**
     * How long a request waits for a connection that is in use: longer than most responses take, but hardly noticeable.
     */
    static final long PATIENCE = Duration.ofMillis(20).toNanos();

    /** How long new connections are limited after a refusal. */
    static final long LIMITED_FOR = Duration.ofSeconds(60).toNanos();

    private final long interval;
    private final long burst;
    private final LongSupplier nanoTime;

    /** The number of new connections in a row that went to replicas that refuse the token. */
    private int refused;

    private boolean byClock;

    private int underWay;
    private int probes;

    /**
     * The number of connections in a row that led to no acceptance: the replica refused, or did not respond to a probe.
     */
    private int inARow;

    /** The number of probes in a row without a response. */
    private int unanswered;

    private int accepting;
    private long pausedUntil;
    private boolean everRefused;
    private long lastRefusal;
    private int timesGivenUp;
    private long givenUpUntil;
    private boolean everLimited;

    /**
     * When a full burst is allowed again: the theoretical arrival time of the generic cell rate algorithm. A single
     * connection is allowed from {@code wholeBurstAt - burst} on.
     */
    private long wholeBurstAt;

    /**
     * @param perSecond the maximum number of new connections per second, and in one burst, while some replicas refuse
     *     the token
     */
    ReplicaSearch(int perSecond, LongSupplier nanoTime) {
        this.interval = Duration.ofSeconds(1).toNanos() / perSecond;
        this.burst = (perSecond - 1) * interval;
        this.nanoTime = nanoTime;
    }

    /**
     * Whether some replicas may refuse the token: not all are known to accept it, or a replica has refused it in the
     * last minute.
     */
    public boolean isLimitedFor(LeaseRequest request) {
        return !request.tokens().ownCredential()
                && (request.tokens().mayBeRefused() || (everRefused && now() - lastRefusal < LIMITED_FOR));
    }

    /**
     * Whether a new connection went to a replica that refused the token, and no replica has accepted the token since.
     */
    public boolean isSearching() {
        return refused > 0;
    }

    /** Whether waiting will end the last refusal of this search. */
    public boolean isByClock() {
        return byClock;
    }

    /** Whether the refusals in a row, including a current refusal that is not yet counted, put the token in doubt. */
    public boolean isTokenInDoubt() {
        return refused + 1 >= SIDE_BY_SIDE;
    }

    /**
     * Whether callers get an immediate 401, because many replicas in a row have refused the token and waiting will not
     * end the last refusal.
     */
    public boolean hasGivenUp() {
        return timesGivenUp > 0 && now() - givenUpUntil < 0;
    }

    /**
     * Whether {@code request} waits while probes search for a replica. A request that can't wait opens a connection
     * itself.
     */
    boolean isByProbesFor(LeaseRequest request) {
        return refused > 0
                && accepting == 0
                && request.mayWait()
                && !request.tokens().ownCredential()
                && !hasGivenUp();
    }

    /** Whether another connection may be opened for a probe now. */
    boolean mayProbe() {
        return probes < SIDE_BY_SIDE && (inARow + probes < AT_ONCE || (probes == 0 && now() - pausedUntil >= 0));
    }

    /** Whether another connection may be opened now for {@code request}, which began to wait at {@code since}. */
    boolean mayConnect(LeaseRequest request, long since) {
        return request.tokens().ownCredential()
                || (!isByProbesFor(request) && now() - connectsFrom(request, since) >= 0);
    }

    /** When {@code request} may open a connection itself. */
    private long connectsFrom(LeaseRequest request, long since) {
        long limit = limitEndsAt(request, since);
        return inARow >= AT_ONCE && pausedUntil - limit > 0 ? pausedUntil : limit;
    }

    private long limitEndsAt(LeaseRequest request, long since) {
        if (!isLimitedFor(request)) {
            return since;
        }
        long patient = request.mayWait() && (accepting > 0 || underWay > 0) ? since + PATIENCE : since;
        long rate = everLimited ? wholeBurstAt - burst : since;
        return patient - rate >= 0 ? patient : rate;
    }

    /** When to call {@link #mayConnect} or {@link #mayProbe} again, unless an event comes first. */
    long nextAttempt(LeaseRequest request, long since) {
        long now = now();
        if (!isByProbesFor(request)) {
            return connectsFrom(request, since);
        }
        if (mayProbe()) {
            return now;
        }
        return probes == 0 ? pausedUntil : now + PATIENCE; // the end of a probe sets the timer again
    }

    private long now() {
        return nanoTime.getAsLong();
    }

    /** Adds {@code change}, 1 or -1, to the number of connections whose replicas accept a token. */
    void countAccepting(int change) {
        accepting += change;
    }

    /** Whether a connection is being opened or has not had a response yet. */
    boolean isConnecting() {
        return underWay > 0;
    }

    void begun(boolean limited) {
        underWay++;
        if (limited) {
            wholeBurstAt = (everLimited && wholeBurstAt - now() > 0 ? wholeBurstAt : now()) + interval;
            everLimited = true;
        }
    }

    /** Called when the first response over a new connection has arrived, or can no longer arrive. */
    void ended() {
        underWay--;
    }

    /** Called when a connection for a probe is being opened. The connection also counts as in progress. */
    void probeBegun() {
        begun(false);
        probes++;
    }

    /** Called when the response to a probe has arrived, or the probe was not sent. */
    void probeEnded() {
        probes--;
        unanswered = 0;
    }

    /**
     * Called when a response to a probe can no longer arrive.
     *
     * @return whether {@link #SIDE_BY_SIDE} probes in a row got no response; the search then ends, because no replica
     *     can be reached
     */
    boolean probeFailed() {
        probes--;
        unanswered++;
        lengthenRow();
        if (unanswered < SIDE_BY_SIDE) {
            return false;
        }
        endRow();
        return true;
    }

    private void lengthenRow() {
        inARow++;
        if (inARow >= AT_ONCE) {
            pausedUntil = now() + PAUSES.pause(inARow - AT_ONCE + 1, () -> 0).toNanos();
        }
    }

    private void endRow() {
        refused = 0;
        inARow = 0;
        unanswered = 0;
    }

    /**
     * Called when a replica has refused the token.
     *
     * @param newConnection whether this was the first response over a new connection
     * @return whether the search has just given up
     */
    boolean refused(TokenRefusal refusal, boolean newConnection) {
        everRefused = true;
        lastRefusal = now();
        if (!newConnection || hasGivenUp()) {
            return false; // a new row begins after the pause
        }
        refused++;
        byClock = refusal.endsByWaiting();
        lengthenRow();
        if (refusal.endsByWaiting() || refused < GIVE_UP_AFTER) {
            return false;
        }
        timesGivenUp++;
        givenUpUntil = now() + GIVEN_UP.pause(timesGivenUp, () -> 0).toNanos();
        endRow();
        return true;
    }

    /**
     * Called when a replica has accepted the token.
     *
     * @return whether the acceptance ends a search
     */
    boolean accepted() {
        boolean ends = refused > 0 || timesGivenUp > 0;
        endRow();
        timesGivenUp = 0;
        return ends;
    }
}
