package io.tokenguardian.replica;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.replica.Answer.MetBy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A row of the {@link ReplicaLedger}: what the answers with one address, certificate and clock show about a replica.
 * Instants are on the local timeline.
 *
 * @param certificate its SHA-256 hash; null without a TLS session
 * @param names the names in the certificate that may belong to the replica itself
 * @param clock null while none of its responses has had a {@code Date}
 * @param finding what the last probe shows about the token; {@code ACCEPTED} if only the proxy has observed the replica
 * @param user the name that the replica reports for the bearer; null while it has reported none
 * @param lastResultAt when its last response arrived or the last probe of it failed
 * @param since since when the clock has had roughly its current offset, judging by the responses received
 * @param metBy who sent the request whose result arrived last
 * @param returned whether it was observed again after another clock with its address and certificate
 */
public record KnownReplica(
        String address,
        @Nullable String certificate,
        List<String> names,
        @Nullable ClockEstimate clock,
        Finding finding,
        @Nullable String user,
        Instant lastResultAt,
        Instant since,
        MetBy metBy,
        boolean returned) {

    private static final Pattern IP_ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

    public KnownReplica {
        names = List.copyOf(names);
    }

    public KnownReplica(
            String address,
            @Nullable String certificate,
            List<String> names,
            @Nullable ClockEstimate clock,
            Finding finding,
            @Nullable String user,
            Instant lastResultAt) {
        this(address, certificate, names, clock, finding, user, lastResultAt, lastResultAt, MetBy.PROBE, false);
    }

    /** How far its clock is ahead of the node's, which is {@code nodeClockShift} ahead of the local timeline. */
    public @Nullable OffsetInterval aheadOfNode(Instant now, Duration nodeClockShift) {
        return clock == null ? null : clock.boundsAt(now).minus(nodeClockShift);
    }

    /**
     * Whether the certificate names one machine: it has one IP address other than the service's, as kubeadm makes it
     * (docs/api-server.md, TLS and addresses). The certificate of several replicas has no address, or several.
     */
    boolean namesOneMachine() {
        return names.stream().filter(KnownReplica::isIpAddress).count() == 1;
    }

    /** Whether this name in a certificate is an IP address, not a host name. */
    public static boolean isIpAddress(String name) {
        return IP_ADDRESS.matcher(name).matches();
    }

    /** Whether its clock was certainly before the window at the last answer, and may still be. */
    public boolean isBefore(ValidityWindow window, Instant now) {
        Instant from = window.from();
        return from != null
                && clock != null
                && clock.earliest(from).isAfter(lastResultAt)
                && now.isBefore(clock.latest(from));
    }
}
