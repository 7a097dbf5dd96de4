package io.tokenguardian.proxy;

import java.time.Duration;

/**
 * Limits one event loop's search for a replica that accepts a token. While some replicas refuse it, few new connections
 * are opened. If {@link #MAX_IN_A_ROW} in a row have led to replicas that refuse it, it is one a second.
 */
final class ReplicaSearch {

    /** If one of three replicas lags, this many new connections all reach it in 1 of 6,561 searches. */
    static final int MAX_IN_A_ROW = 8;

    static final long PAUSE = Duration.ofSeconds(1).toNanos();

    /** How long after a refusal new connections are limited. */
    static final long LIMITED_FOR = Duration.ofSeconds(60).toNanos();

    private final int perSecond;
    private int refused;
    private int underWay;
    private long resumeAt;
    private boolean everRefused;
    private long lastRefusal;
    private boolean everLimited;

    /** The generic cell rate algorithm's theoretical arrival time: when the limit is unused again. */
    private long unusedAt;

    /** @param perSecond the most new connections in a second while some replicas refuse the token */
    ReplicaSearch(int perSecond) {
        this.perSecond = perSecond;
    }

    /** Whether a replica has refused the token in the last minute. */
    boolean isLimited(long now) {
        return everRefused && now - lastRefusal < LIMITED_FOR;
    }

    /** Whether a replica has refused the token and none has accepted it since. */
    boolean isSearching() {
        return refused > 0;
    }

    /** Whether a connection is being opened, or has had no response so far. */
    boolean isUnderWay() {
        return underWay > 0;
    }

    /** Whether to open another connection at {@code now}. */
    boolean mayConnect(long now, boolean limited) {
        boolean inARow = refused == 0
                || refused + underWay < MAX_IN_A_ROW
                || (underWay == 0 && refused >= MAX_IN_A_ROW && now - resumeAt >= 0);
        return inARow && (!limited || now - limitEndsAt(now) >= 0);
    }

    /** The time from which {@link #mayConnect} returns true again if nothing else happens. */
    long resumeAt(long now, boolean limited) {
        long row = refused < MAX_IN_A_ROW ? now : resumeAt;
        long limit = limited ? limitEndsAt(now) : now;
        return row - limit >= 0 ? row : limit;
    }

    private long limitEndsAt(long now) {
        return everLimited ? unusedAt - (perSecond - 1) * interval() : now;
    }

    private long interval() {
        return Duration.ofSeconds(1).toNanos() / perSecond;
    }

    /** Called when a connection is being opened. */
    void begun(long now, boolean limited) {
        underWay++;
        if (limited) {
            unusedAt = (everLimited && unusedAt - now > 0 ? unusedAt : now) + interval();
            everLimited = true;
        }
    }

    /** Called when the first response over a new connection has arrived or can no longer arrive. */
    void ended() {
        underWay--;
    }

    /** @param newConnection whether it is the first response over a connection */
    void refused(long now, boolean newConnection) {
        everRefused = true;
        lastRefusal = now;
        if (newConnection) {
            refused++;
            resumeAt = now + PAUSE;
        }
    }

    void accepted() {
        refused = 0;
    }
}
