package io.tokenguardian.clock;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One reading of another machine's clock. {@code date} is that clock's time, truncated to whole seconds, at some
 * instant between {@code sentAt} and {@code receivedAt}, which are on the local timeline (docs/api-server.md, 401
 * responses).
 */
public record Sample(Instant sentAt, Instant receivedAt, Instant date) {

    /** The precision of {@code Date}. */
    static final Duration SECOND = Duration.ofSeconds(1);

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
