package io.tokenguardian.verdict;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Standing;
import io.tokenguardian.replica.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose replica refused the token as not yet valid, and has not accepted it since. Only the connection
 * proves that its responses come from this replica.
 *
 * @param notBefore the end of a pause after a response that showed nothing
 * @param open false once the connection is lost: the replica then counts until its clock has certainly reached the
 *     window
 */
public record Waiting(
        int connection,
        String address,
        @Nullable String certificate,
        Standing standing,
        Instant notBefore,
        boolean open) {

    /** After more steps, the connection's clock jumps: probably a load balancer deals its requests to replicas. */
    static final int MAX_CLOCK_STEPS = 2;

    /** In milliseconds. In a long wait, each pause is a third of the time left, because the clock may be adjusted. */
    static final long SHORTEST_GAP = 20_000;

    /** In milliseconds: shorter than the API server's idle timeout of 90 s, to keep the connection open. */
    static final long LONGEST_GAP = 60_000;

    public static Waiting after(@Nullable Waiting before, int connection, Answer answer, boolean open) {
        Standing standing = Standing.after(before == null ? null : before.standing, answer);
        return new Waiting(
                connection, answer.from().address(), answer.from().certificate(), standing, Instant.MIN, open);
    }

    /**
     * After a response at {@code at} that has shown nothing. The clock is still known. The connection is kept if it is
     * {@code stillOpen}, unless the replica's clock has certainly reached the window: the replica may have left the
     * service without closing the connection.
     */
    Waiting afterNoAnswer(boolean stillOpen, ValidityWindow window, Instant at, Instant pausedUntil) {
        Instant acceptsBy = acceptsBy(window);
        boolean kept = stillOpen && (acceptsBy == null || !at.isAfter(acceptsBy));
        return new Waiting(connection, address, certificate, standing, pausedUntil, kept);
    }

    /** Returns the time from which the replica is certain to accept; null if its clock is unknown. */
    @Nullable
    Instant acceptsBy(ValidityWindow window) {
        return standing.clock() != null ? standing.acceptsBy(window) : null;
    }

    /** Whether the replica may still refuse. Without a connection and a known clock, it counts no longer. */
    public boolean isOutstanding(ValidityWindow window, Instant now) {
        Instant acceptsBy = acceptsBy(window);
        return open || (acceptsBy != null && now.isBefore(acceptsBy));
    }

    Verdict.NotYetValid verdict(Instant from, Instant now) {
        return Verdict.NotYetValid.of(address, certificate, standing.clock(), from, now);
    }

    /**
     * Returns when to probe again over this connection; {@link Instant#MAX} if it is lost. After {@code acceptsBy}, the
     * replica should accept. It is still probed after each pause, because its clock may have been set back unnoticed.
     */
    public Instant nextProbe(ValidityWindow window, Instant pausedUntil, Instant now) {
        return Instants.later(nextUseful(window, pausedUntil, now), notBefore);
    }

    private Instant nextUseful(ValidityWindow window, Instant pausedUntil, Instant now) {
        ClockEstimate clock = standing.clock();
        if (!open || clock == null) {
            return open ? pausedUntil : Instant.MAX;
        }
        Instant latest = standing.acceptsBy(window);
        if (!now.isBefore(latest)) {
            return pausedUntil;
        }
        Instant last = standing.last();
        Instant periodic = Instants.earlier(last.plus(gap(Duration.between(last, latest))), latest);
        boolean jumps = clock.steps() > MAX_CLOCK_STEPS;
        return jumps ? periodic : Instants.earlier(periodic, standing.nextProbe(window, last));
    }

    private static Duration gap(Duration left) {
        return Duration.ofMillis(Math.max(SHORTEST_GAP, Math.min(LONGEST_GAP, left.toMillis() / 3)));
    }

    /**
     * Whether {@code other} is probably a connection to the same replica: it shows the same certificate, and a clock
     * that could be the same. If either clock is unknown or that of {@code other} jumps, only the certificate decides.
     */
    boolean isLikelyKnownAs(Waiting other, Instant now) {
        ClockEstimate own = standing.clock();
        ClockEstimate others = other.standing.clock();
        return (other.open || !open)
                && connection != other.connection
                && certificate != null
                && certificate.equals(other.certificate)
                && (own == null
                        || others == null
                        || others.steps() > MAX_CLOCK_STEPS
                        || own.boundsAt(now).overlaps(others.boundsAt(now)));
    }
}
