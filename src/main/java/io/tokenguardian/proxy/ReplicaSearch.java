package io.tokenguardian.proxy;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Limits one event loop's search for a replica that accepts the token. While some replicas refuse it, few new
 * connections are opened. A request first waits for {@link #PATIENCE} if a connection in use may come free. After
 * {@link #MAX_IN_A_ROW} in a row that led to replicas that refuse it, only one a second is opened.
 */
final class ReplicaSearch {

    /** If one of three replicas lags, this many new connections all reach it in 1 of 6,561 searches. */
    static final int MAX_IN_A_ROW = 8;

    static final long PAUSE = Duration.ofSeconds(1).toNanos();

    /** How long a request waits for a connection in use: longer than most responses take, and hardly noticed. */
    static final long PATIENCE = Duration.ofMillis(20).toNanos();

    /** How long after a refusal new connections are limited. */
    static final long LIMITED_FOR = Duration.ofSeconds(60).toNanos();

    private final long interval;
    private final long burst;
    private final LongSupplier nanoTime;
    private int refused;
    private int underWay;
    private int accepting;
    private long pausedUntil;
    private boolean everRefused;
    private long lastRefusal;
    private boolean everLimited;

    /**
     * When a whole burst is allowed again: the theoretical arrival time of the generic cell rate algorithm. One
     * connection is allowed from {@code wholeBurstAt - burst} on.
     */
    private long wholeBurstAt;

    /** @param perSecond the rate of new connections while some replicas refuse the token, and the most at once */
    ReplicaSearch(int perSecond, LongSupplier nanoTime) {
        this.interval = Duration.ofSeconds(1).toNanos() / perSecond;
        this.burst = (perSecond - 1) * interval;
        this.nanoTime = nanoTime;
    }

    /**
     * Whether some replicas may refuse what is sent: it is not known that all accept it, or one has refused in the last
     * minute.
     */
    boolean isLimitedFor(LeaseRequest request) {
        return !request.tokens().ownCredential()
                && (request.tokens().mayBeRefused() || (everRefused && now() - lastRefusal < LIMITED_FOR));
    }

    /** Whether a new connection has led to a replica that refuses the token, and none has accepted it since. */
    boolean isSearching() {
        return refused > 0;
    }

    /**
     * Whether {@link #MAX_IN_A_ROW} connections in a row have led to replicas that refuse it, all of them new, except
     * perhaps the last. Called with a refusal that is not counted yet.
     */
    boolean hasFailed() {
        return refused + 1 >= MAX_IN_A_ROW;
    }

    /** Whether to open another connection now for {@code request}, which has waited {@code since}. */
    boolean mayConnect(LeaseRequest request, long since) {
        long now = now();
        return request.tokens().ownCredential() || (rowAllowsConnection(now) && now - limitEndsAt(request, since) >= 0);
    }

    private boolean rowAllowsConnection(long now) {
        return refused == 0
                || refused + underWay < MAX_IN_A_ROW
                || (underWay == 0 && refused >= MAX_IN_A_ROW && now - pausedUntil >= 0);
    }

    /** When to ask {@link #mayConnect} again if nothing else happens. */
    long nextAttempt(LeaseRequest request, long since) {
        long now = now();
        long row = rowAllowsConnection(now) ? now : pausedUntil;
        long limit = limitEndsAt(request, since);
        long moment = row - limit >= 0 ? row : limit;
        // The moment may be past, and connections under way still count in the row: one of them ends soon.
        return moment - now > 0 || mayConnect(request, since) ? moment : now + PATIENCE;
    }

    private long limitEndsAt(LeaseRequest request, long since) {
        if (!isLimitedFor(request)) {
            return since;
        }
        long patient = request.mayWait() && (accepting > 0 || underWay > 0) ? since + PATIENCE : since;
        long rate = everLimited ? wholeBurstAt - burst : since;
        return patient - rate >= 0 ? patient : rate;
    }

    private long now() {
        return nanoTime.getAsLong();
    }

    /** Counts the connections whose replicas accept a token: {@code change} is 1 or -1. */
    void countAccepting(int change) {
        accepting += change;
    }

    /** Whether a connection is being opened, or has had no response yet. */
    boolean isConnecting() {
        return underWay > 0;
    }

    /** Called when a connection is being opened. */
    void begun(boolean limited) {
        underWay++;
        if (limited) {
            wholeBurstAt = (everLimited && wholeBurstAt - now() > 0 ? wholeBurstAt : now()) + interval;
            everLimited = true;
        }
    }

    /** Called when the first response over a new connection has arrived or can no longer arrive. */
    void ended() {
        underWay--;
    }

    /**
     * Called when a replica's clock has made it refuse the token.
     *
     * @param newConnection whether it was the first response over a new connection
     */
    void refused(boolean newConnection) {
        everRefused = true;
        lastRefusal = now();
        if (newConnection) {
            refused++;
            pausedUntil = now() + PAUSE;
        }
    }

    void accepted() {
        refused = 0;
    }
}
