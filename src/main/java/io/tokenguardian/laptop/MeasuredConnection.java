package io.tokenguardian.laptop;

import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.clock.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A connection of a check from outside, which is kept open, and its replica's certificate and clock. */
final class MeasuredConnection {
    /** The time between two samples, until a sample falls into the next second of the replica's clock. */
    private static final Duration STEP = Duration.ofMillis(100);

    private final HttpsProbeConnection connection;
    private final boolean withClientKey;
    private final Timeline timeline;
    private final ProbeResult first;
    private @Nullable ClockEstimate clock;

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

    /** SHA-256 of the replica's certificate, in hex. */
    String certificate() {
        return String.valueOf(first.certificate());
    }

    List<String> names() {
        return first.names();
    }

    String address() {
        return first.address();
    }

    /** The replica's clock; null if no response had a {@code Date}. */
    @Nullable
    ClockEstimate clock() {
        return clock;
    }

    boolean isWithClientKey() {
        return withClientKey;
    }

    HttpsProbeConnection connection() {
        return connection;
    }
}
