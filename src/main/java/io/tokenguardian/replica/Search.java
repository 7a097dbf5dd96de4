package io.tokenguardian.replica;

import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How many connections to open in search of a replica that accepts the token. docs/decisions/proxy.md gives the rules
 * and their reasons, docs/decisions/verdict.md the guardian's. Times are in nanoseconds on the monotonic clock. Not
 * thread-safe.
 */
public final class Search {

    /** The most connections of a search that are being opened or proven at a time. */
    public static final int SIDE_BY_SIDE = 8;

    /**
     * The most connections in a row without a pause. If one of three replicas accepts, 6 in 100,000 searches miss it.
     */
    public static final int AT_ONCE = 24;

    /** The refusals in a row that end a search, unless a clock explains the last one. */
    public static final int GIVE_UP_AFTER = AT_ONCE;

    /** The result of {@link #opensIn} if an event comes first. */
    public static final long AFTER_AN_EVENT = Long.MAX_VALUE;

    /**
     * The pauses after {@link #AT_ONCE} connections. The search goes on: a replica may have only just issued the token.
     */
    static final Backoff PAUSES = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    /** How long callers get an immediate 401 after a search has given up. */
    static final Backoff GIVEN_UP = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** How long new connections are limited after a refusal. */
    static final long LIMITED_FOR = Duration.ofSeconds(60).toNanos();

    private final long interval;
    private final int giveUpAfter;
    private final DoubleSupplier chance;

    /** The number of connections in a row that led to no acceptance. */
    private int inARow;

    /** As {@link #inARow}, but only those whose replica refused the token. */
    private int refused;

    private boolean byClock;
    private long pausedUntil;
    private boolean everRefused;
    private long lastRefusal;
    private int timesGivenUp;
    private long givenUpUntil;
    private boolean everOpened;

    /** When {@link #AT_ONCE} connections are allowed again: the generic cell rate algorithm. */
    private long wholeBurstAt;

    /**
     * @param perSecond the most new connections per second while some replicas refuse the token
     * @param giveUpAfter the refusals in a row that end the search
     * @param chance returns random numbers from 0 (inclusive) to 1 (exclusive), for the pauses
     */
    public Search(int perSecond, int giveUpAfter, DoubleSupplier chance) {
        this.interval = Duration.ofSeconds(1).toNanos() / perSecond;
        this.giveUpAfter = giveUpAfter;
        this.chance = chance;
    }

    /**
     * Whether some replicas may refuse: not all are known to accept the token, or one refused it in the last minute.
     */
    public boolean isLimited(boolean acceptedByEvery, long now) {
        return !acceptedByEvery || (everRefused && now - lastRefusal < LIMITED_FOR);
    }

    /** Returns the time until a limited search may open the next connection, while others are opened or proven. */
    public long opensIn(int underWay, long now) {
        if (refused == 0) {
            return everOpened ? Math.max(0, wholeBurstAt - (AT_ONCE - 1) * interval - now) : 0;
        }
        if (underWay < SIDE_BY_SIDE && inARow + underWay < AT_ONCE) {
            return 0;
        }
        return underWay > 0 ? AFTER_AN_EVENT : Math.max(0, pausedUntil - now);
    }

    /** Called when a connection that counts for the rate begins to be opened. */
    public void opened(long now) {
        wholeBurstAt = (everOpened && wholeBurstAt - now > 0 ? wholeBurstAt : now) + interval;
        everOpened = true;
    }

    /**
     * Counts what the first proof over a new connection shows, unless it is an acceptance. Returns whether the search
     * has just given up: all connections in a row were refused, and no clock explains the last refusal.
     */
    public boolean found(Finding finding, long now) {
        if (finding == Finding.ACCEPTED || hasGivenUp(now) || (finding == Finding.UNREACHABLE && refused == 0)) {
            return false; // a new row begins after the pause, or with a refusal
        }
        inARow++;
        if (inARow >= AT_ONCE) {
            pausedUntil = now + PAUSES.pause(inARow - AT_ONCE + 1, chance).toNanos();
        }
        if (finding == Finding.UNREACHABLE) {
            return false;
        }
        refused++;
        byClock = finding.isByClock();
        if (byClock || refused < giveUpAfter) {
            return false;
        }
        timesGivenUp++;
        givenUpUntil = now + GIVEN_UP.pause(timesGivenUp, chance).toNanos();
        restart();
        return true;
    }

    /** Called for each refusal, over any connection. */
    public void refused(long now) {
        everRefused = true;
        lastRefusal = now;
    }

    /** Called for each acceptance, over any connection. */
    public void accepted() {
        restart();
        timesGivenUp = 0;
    }

    /** Begins a new search. */
    public void restart() {
        inARow = 0;
        refused = 0;
    }

    /** Whether new connections led to refusals, and no replica has accepted the token since. */
    public boolean isSearching() {
        return refused > 0;
    }

    /** Returns on how many connections of this search the token was refused. */
    public int refusedInARow() {
        return refused;
    }

    /** Whether a clock explains the last refusal of this search. */
    public boolean isByClock() {
        return byClock;
    }

    /** Whether the refusals in a row put the token in doubt. Counts a current refusal that is not yet recorded. */
    public boolean inDoubt() {
        return refused + 1 >= SIDE_BY_SIDE;
    }

    /** Whether requests are sent at once over connections whose replicas refuse the token. */
    public boolean hasGivenUp(long now) {
        return timesGivenUp > 0 && now - givenUpUntil < 0;
    }
}
