package io.tokenguardian.guardian;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.verdict.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API server replica, as observed from its responses.
 *
 * @param address the host and port at which the replica was reached
 * @param certificate the SHA-256 hash of the certificate that the replica presented; null without a TLS session
 * @param names the names in the certificate that may belong to the replica itself; may be empty
 * @param clock the estimate of the replica's clock, relative to the local timeline; null while none of its responses
 *     has had a {@code Date}
 * @param finding what the replica's last probe result shows about the token; {@code ACCEPTED} if only the proxy has
 *     observed the replica
 * @param user the name that the replica reports for the bearer; null while it has reported none
 * @param lastResultAt when the replica's last response arrived or the last probe of it failed, on the local timeline
 * @param since since when the replica's clock has had roughly its current offset, judging by the responses received;
 *     not after {@code lastResultAt}
 * @param metBy who sent the request whose result arrived at {@code lastResultAt}
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

    /** Who has observed a replica. */
    public enum MetBy {
        /** The guardian, with a probe. */
        PROBE,
        /** The proxy, with a caller's request. */
        PROXY
    }

    public ObservedReplica {
        names = List.copyOf(names);
    }

    /** Creates a replica that has been observed once, by a probe. */
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
     * Returns how far the replica's clock is ahead of the node's clock at {@code now}; null while the replica's clock
     * is unknown.
     *
     * @param nodeClockShift how far the node's clock has moved relative to the local timeline
     */
    public @Nullable OffsetInterval aheadOfNode(Instant now, Duration nodeClockShift) {
        return clock == null ? null : clock.boundsAt(now).minus(nodeClockShift);
    }
}
