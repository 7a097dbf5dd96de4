package io.tokenguardian.proxy.upstream;

import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Limits how many new connections an event loop of the proxy opens in search of a replica that accepts the token.
 * docs/decisions/proxy.md gives the rules and their reasons.
 */
public final class ReplicaSearch {

    /** The most probes in progress at a time. */
    public static final int SIDE_BY_SIDE = 8;

    /**
     * The most connections in a row without a pause. If one of three replicas accepts, 6 in 100,000 searches miss it.
     */
    public static final int AT_ONCE = 24;

    /**
     * The pauses after {@link #AT_ONCE} connections. The search goes on: a replica may have only just issued the token.
     */
    static final Backoff PAUSES = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    /** The refusals in a row that end a search. If one of three replicas accepts, 15 in 10,000 searches give up. */
    public static final int GIVE_UP_AFTER = 16;

    /** How long callers get an immediate 401 after a search has given up. */
    static final Backoff GIVEN_UP = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** How long a request waits for a busy connection: longer than most responses take, but hardly noticeable. */
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

    /** The number of connections in a row that led to no acceptance: a refusal, or no response to a probe. */
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

    /** When a full burst is allowed again: the theoretical arrival time of the generic cell rate algorithm. */
    private long wholeBurstAt;

    /** @param perSecond the most new connections per second, and in one burst, while some replicas refuse the token */
    ReplicaSearch(int perSecond, LongSupplier nanoTime) {
        this.interval = Duration.ofSeconds(1).toNanos() / perSecond;
        this.burst = (perSecond - 1) * interval;
        this.nanoTime = nanoTime;
    }

    /**
     * Whether some replicas may refuse the token: not all are known to accept it, or one refused it in the last minute.
     */
    public boolean isLimitedFor(LeaseRequest request) {
        return !request.tokens().ownCredential()
                && (request.tokens().mayBeRefused() || (everRefused && now() - lastRefusal < LIMITED_FOR));
    }

    /** Whether a new connection led to a refusal, and no replica has accepted the token since. */
    public boolean isSearching() {
        return refused > 0;
    }

    /** Whether waiting will end the last refusal of this search. */
    public boolean isByClock() {
        return byClock;
    }

    /** Whether the refusals in a row put the token in doubt. Counts a current refusal that is not yet recorded. */
    public boolean isTokenInDoubt() {
        return refused + 1 >= SIDE_BY_SIDE;
    }

    /** Whether callers get an immediate 401. */
    public boolean hasGivenUp() {
        return timesGivenUp > 0 && now() - givenUpUntil < 0;
    }

    /** Whether {@code request} waits while probes search for a replica. Else it may open a connection itself. */
    boolean isByProbesFor(LeaseRequest request) {
        return refused > 0
                && accepting == 0
                && request.mayWait()
                && !request.tokens().ownCredential()
                && !hasGivenUp();
    }

    boolean mayProbe() {
        return probes < SIDE_BY_SIDE && (inARow + probes < AT_ONCE || (probes == 0 && now() - pausedUntil >= 0));
    }

    boolean mayConnect(LeaseRequest request, long since) {
        return request.tokens().ownCredential()
                || (!isByProbesFor(request) && now() - connectsFrom(request, since) >= 0);
    }

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

    /** The connection also counts as in progress. */
    void probeBegun() {
        begun(false);
        probes++;
    }

    /** Called when the response to a probe has arrived, or the probe was not sent. */
    void probeEnded() {
        probes--;
        unanswered = 0;
    }

    /** Called when no response to a probe can arrive any more. Returns whether the search ends: no replica responds. */
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
     * Returns whether the search has just given up.
     *
     * @param newConnection whether this was the first response over a new connection
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

    /** Returns whether the acceptance ends a search. */
    boolean accepted() {
        boolean ends = refused > 0 || timesGivenUp > 0;
        endRow();
        timesGivenUp = 0;
        return ends;
    }
}
