package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One reading of another machine's clock: a request, and the {@code Date} of its response.
 *
 * @param sentAt when the request was sent, on the local timeline
 * @param receivedAt when the response arrived, on the local timeline; not before {@code sentAt}
 * @param date the response's {@code Date}: the other clock's time at some instant between {@code sentAt} and
 *     {@code receivedAt}, truncated to whole seconds (docs/api-server.md, 401 responses)
 */
public record Sample(Instant sentAt, Instant receivedAt, Instant date) {

    /** The precision of {@code Date}. */
    static final Duration SECOND = Duration.ofSeconds(1);

    public Sample {
        if (receivedAt.isBefore(sentAt)) {
            throw new IllegalArgumentException("received at " + receivedAt + ", before it was sent at " + sentAt);
        }
    }

    /** Returns the sample of a response; null if the response had no {@code Date}. */
    public static @Nullable Sample of(Instant sentAt, Instant receivedAt, @Nullable Instant date) {
        return date == null ? null : new Sample(sentAt, receivedAt, date);
    }

    /** Returns the bounds that follow from this sample: {@code [date − receivedAt, date + 1 s − sentAt]}. */
    OffsetInterval offset() {
        return new OffsetInterval(Duration.between(receivedAt, date), Duration.between(sentAt, date.plus(SECOND)));
    }

    Duration roundTrip() {
        return Duration.between(sentAt, receivedAt);
    }
}
