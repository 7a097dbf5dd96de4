package io.tokenguardian.proxy;

import java.time.Duration;

/**
 * Limits the search for a replica that accepts the token. When {@link #MAX_IN_A_ROW} new connections in a row have led
 * to replicas that refuse it as not yet valid, all requests together may open one connection a second.
 */
final class ReplicaSearch {

    /** If one of three replicas lags, this many new connections all reach it in 1 of 6,561 searches. */
    static final int MAX_IN_A_ROW = 8;

    static final long PAUSE = Duration.ofSeconds(1).toNanos();

    private int refused;
    private int underWay;
    private long resumeAt;

    /** Whether opening another connection makes sense at {@code now}. */
    boolean mayConnect(long now) {
        return refused == 0
                || refused + underWay < MAX_IN_A_ROW
                || (underWay == 0 && refused >= MAX_IN_A_ROW && now - resumeAt >= 0);
    }

    /** Whether a replica has refused the token and none has accepted it since. */
    boolean isSearching() {
        return refused > 0;
    }

    /** The time from which {@link #mayConnect} returns true again if nothing else happens. */
    long resumeAt() {
        return resumeAt;
    }

    void begun() {
        underWay++;
    }

    /** Called when the first response over a new connection has arrived or can no longer arrive. */
    void ended() {
        underWay--;
    }

    void refused(long now) {
        refused++;
        resumeAt = now + PAUSE;
    }

    void accepted() {
        refused = 0;
    }
}
