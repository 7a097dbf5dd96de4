package io.tokenguardian.guardian;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.verdict.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API server replica, as its responses show it.
 *
 * @param address host and port that were probed
 * @param certificate SHA-256 of the certificate that it presented; null without a TLS session
 * @param names the names in that certificate that may be its own, possibly none
 * @param clock its clock, compared with the local time line; null while none of its responses had a {@code Date}
 * @param finding what its last probe result says of the token; {@code ACCEPTED} if only the proxy has connected to it
 * @param user the name that it reports for the bearer; null while it has reported none
 * @param lastResultAt when its last response came, or a probe of it failed, on the local time line
 * @param since since when its clock has been about as far off as now, judging by the responses received; not after
 *     {@code lastResultAt}
 * @param metBy whose request got the response at {@code lastResultAt}
 */
public record ObservedReplica(
        String address,
        @Nullable String certificate,
        List<String> names,
        @Nullable ClockEstimate clock,
        Finding finding,
        @Nullable String user,
        Instant lastResultAt,
        Instant since,
        MetBy metBy) {

    /** Who has met a replica. */
    public enum MetBy {
        /** The guardian, by its own request. */
        PROBE,
        /** The proxy, by a caller's request. */
        PROXY
    }

    public ObservedReplica {
        names = List.copyOf(names);
    }

    /** Met once, by a probe. */
    public ObservedReplica(
            String address,
            @Nullable String certificate,
            List<String> names,
            @Nullable ClockEstimate clock,
            Finding finding,
            @Nullable String user,
            Instant lastResultAt) {
        this(address, certificate, names, clock, finding, user, lastResultAt, lastResultAt, MetBy.PROBE);
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
