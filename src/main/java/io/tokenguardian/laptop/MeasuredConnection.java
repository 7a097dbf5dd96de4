package io.tokenguardian.laptop;

import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.token.PrintableText;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A connection of a check from outside, which is kept open, and what it shows about its replica. */
final class MeasuredConnection {
    /** The time between two samples, until a sample falls into the next second of the replica's clock. */
    private static final Duration STEP = Duration.ofMillis(100);

    private final HttpsProbeConnection connection;
    private final boolean withClientKey;
    private final Timeline timeline;
    private final ProbeResult first;
    private @Nullable ClockEstimate clock;
    private @Nullable NamedReplica replica;

    /**
     * Connects and reads the clock for the first time. Blocks.
     *
     * @param withClientKey whether the connection presents a client certificate. If it does, the API server treats each
     *     request as coming from the certificate's user, no matter which token the request carries
     */
    MeasuredConnection(HttpsProbeConnection connection, boolean withClientKey, Timeline timeline) {
        this.connection = connection;
        this.withClientKey = withClientKey;
        this.timeline = timeline;
        this.first = read();
    }

    /**
     * Reads the clock until its offset is known to about one round trip, or until {@code end}: first every
     * {@link #STEP} until its next second, then after up to a second each time, which halves the remaining interval.
     */
    void measure(Instant end) {
        ProbeResult last = first;
        while (last.date() != null && clock != null) {
            Instant now = timeline.instant();
            boolean seenSecond = !last.date().equals(first.date());
            Instant next = seenSecond ? clock.nextProbe(now) : last.sentAt().plus(STEP);
            if (clock.isNarrow(now) || !next.isBefore(end)) {
                return;
            }
            while (timeline.instant().isBefore(next)) {
                LockSupport.parkNanos(Duration.between(timeline.instant(), next).toNanos());
            }
            last = read();
        }
    }

    private ProbeResult read() {
        ProbeResult result = connection.readClock().join();
        clock = ClockEstimate.after(clock, Sample.of(result.sentAt(), result.receivedAt(), result.date()));
        return result;
    }

    boolean isReached() {
        return !(first.outcome() instanceof ProbeOutcome.Unreachable);
    }

    String failure() {
        return first.outcome().explanation();
    }

    /** What the responses show about the replica. The finding is arbitrary, because no token has been sent yet. */
    KnownReplica seen() {
        return new KnownReplica(
                first.address(),
                String.valueOf(first.certificate()),
                first.names().stream().map(PrintableText::of).toList(),
                clock,
                Finding.ACCEPTED,
                null,
                first.receivedAt());
    }

    @Nullable
    NamedReplica replica() {
        return replica;
    }

    void setReplica(NamedReplica found) {
        replica = found;
    }

    boolean isWithClientKey() {
        return withClientKey;
    }

    HttpsProbeConnection connection() {
        return connection;
    }
}
