package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Sample;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A replica that refused a token as not yet valid. Only responses over the connection on which it refused narrow the
 * clock estimate, because only the connection proves that they come from this replica.
 *
 * @param connection a number, unique among the probes of one token
 * @param clock null if the replica's responses have no {@code Date}
 */
record RefusingReplica(
        int connection,
        String address,
        @Nullable String certificate,
        @Nullable ClockEstimate clock,
        boolean open,
        Instant lastResult) {

    static RefusingReplica of(int connection, ProbeResult result, boolean open) {
        return new RefusingReplica(connection, result.address(), result.certificate(), null, open, result.receivedAt())
                .withRefusal(result, open);
    }

    RefusingReplica withRefusal(ProbeResult result, boolean stillOpen) {
        ClockEstimate next = ClockEstimate.after(clock, Sample.of(result.sentAt(), result.receivedAt(), result.date()));
        return new RefusingReplica(connection, address, certificate, next, stillOpen, result.receivedAt());
    }

    RefusingReplica withoutConnection(Instant now) {
        return new RefusingReplica(connection, address, certificate, clock, false, now);
    }

    /** Null if the clock is unknown. */
    @Nullable
    Instant acceptsBy(Instant from) {
        return clock == null ? null : clock.latest(from);
    }

    boolean clockMayBeBefore(Instant from, Instant now) {
        Instant acceptsBy = acceptsBy(from);
        return acceptsBy != null && now.isBefore(acceptsBy);
    }

    boolean mayAccept(Instant from, Instant now) {
        return open && clock != null && !now.isBefore(clock.earliest(from));
    }

    /**
     * Whether {@code other} is probably the same replica, with a better clock estimate: the same certificate, a clock
     * that could be the same, and an open connection. If so, this replica need not be probed before {@code other}
     * accepts.
     */
    boolean isRepresentedBy(RefusingReplica other, Instant now) {
        if (!other.open || !showsCertificateOf(other) || clock == null || other.clock == null) {
            return false;
        }
        if (jumps(clock) != jumps(other.clock)) {
            return false; // otherwise three could represent each other in a circle
        }
        if (jumps(clock)) {
            return other.connection < connection;
        }
        OffsetInterval own = clock.boundsAt(now);
        OffsetInterval others = other.clock.boundsAt(now);
        int compared = others.width().compareTo(own.width());
        return own.overlaps(others) && (compared < 0 || (compared == 0 && other.connection < connection));
    }

    /**
     * Whether {@code other}, which was observed earlier, is probably the same replica. If either clock is unknown or
     * the clock of {@code other} jumps, only the certificate decides.
     */
    boolean isLikelyKnownAs(RefusingReplica other, Instant now) {
        return (other.open || !open)
                && showsCertificateOf(other)
                && (clock == null
                        || other.clock == null
                        || jumps(other.clock)
                        || clock.boundsAt(now).overlaps(other.clock.boundsAt(now)));
    }

    private boolean showsCertificateOf(RefusingReplica other) {
        return certificate != null && certificate.equals(other.certificate) && connection != other.connection;
    }

    private static boolean jumps(ClockEstimate clock) {
        return clock.steps() > Judge.MAX_CLOCK_STEPS;
    }
}
