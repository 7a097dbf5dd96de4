package io.tokenguardian.guardian;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.verdict.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API server replica, as its responses to probes show it.
 *
 * @param address host and port that were probed
 * @param certificate SHA-256 of the certificate that it presented; null when there was no TLS session
 * @param names the names in that certificate that may be its own; empty if there are none
 * @param clock its clock, compared with the local time line; null while none of its responses had a {@code Date}
 * @param finding what its last probe result says of the token
 * @param user the name that it reports for the bearer; null while it has reported none
 * @param lastResultAt when that result came, on the local time line
 */
public record ObservedReplica(
        String address,
        @Nullable String certificate,
        List<String> names,
        @Nullable ClockEstimate clock,
        Finding finding,
        @Nullable String user,
        Instant lastResultAt) {

    public ObservedReplica {
        names = List.copyOf(names);
    }

    /**
     * How far its clock is ahead of the node's at {@code now}; null while its clock is unknown.
     *
     * @param nodeClockShift how far the node's clock has moved against the local time line
     */
    public @Nullable OffsetInterval aheadOfNode(Instant now, Duration nodeClockShift) {
        return clock == null ? null : clock.boundsAt(now).minus(nodeClockShift);
    }
}
