package io.tokenguardian.proxy;

import java.time.Duration;

/**
 * Bounds the search for a replica that accepts the token: after some new connections in a row that all led to
 * replicas which refuse it as early, one a second is enough, for all requests together.
 */
final class FreshAttempts {

    /** With one replica of three behind, so many new connections all meet that one in 1 of 6,561 searches. */
    static final int MAX_IN_A_ROW = 8;

    static final long PAUSE = Duration.ofSeconds(1).toNanos();

    private int refused;
    private int underWay;
    private long resumeAt;

    /** Whether another connection makes sense at {@code now}. */
    boolean makesSense(long now) {
        return refused == 0
                || refused + underWay < MAX_IN_A_ROW
                || (underWay == 0 && refused >= MAX_IN_A_ROW && now - resumeAt >= 0);
    }

    /** Whether the search goes on: something was refused and nothing accepted since. */
    boolean isSearching() {
        return refused > 0;
    }

    /** When {@link #makesSense} turns true again if nothing else happens. */
    long resumeAt() {
        return resumeAt;
    }

    void begun() {
        underWay++;
    }

    /** The answer over a new connection is here, or there will be none. */
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
