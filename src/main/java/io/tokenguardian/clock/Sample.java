package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;

/**
 * One reading of another machine's clock: a question, and the {@code Date} of its answer.
 *
 * @param sentAt when the question left, on the local time line
 * @param receivedAt when the answer was there, on the local time line; not before {@code sentAt}
 * @param date the answer's {@code Date}: the other clock between those two, truncated to the whole second
 *     (docs/api-server.md, 401 responses)
 */
public record Sample(Instant sentAt, Instant receivedAt, Instant date) {

    /** The precision of {@code Date}. */
    static final Duration SECOND = Duration.ofSeconds(1);

    public Sample {
        if (receivedAt.isBefore(sentAt)) {
            throw new IllegalArgumentException("received at " + receivedAt + ", before it was sent at " + sentAt);
        }
    }

    /** The bounds that this sample alone sets: {@code [date − receivedAt, date + 1 s − sentAt]}. */
    OffsetInterval offset() {
        return new OffsetInterval(Duration.between(receivedAt, date), Duration.between(sentAt, date.plus(SECOND)));
    }

    Duration roundTrip() {
        return Duration.between(sentAt, receivedAt);
    }
}
