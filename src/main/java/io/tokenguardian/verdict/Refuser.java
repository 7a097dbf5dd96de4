package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A replica that was seen to refuse a token as not yet valid, known by the connection on which it did so: only answers
 * over that very connection narrow its clock, since nothing else proves that they are the same replica's.
 *
 * @param connection number of the connection, unique within the inquiry
 * @param address host and port that were asked
 * @param clock what the {@code Date}s of its answers say; null when they carry none
 * @param open whether the connection can be asked again
 * @param lastAsked when the last answer came
 */
record Refuser(int connection, String address, @Nullable ClockEstimate clock, boolean open, Instant lastAsked) {

    static Refuser of(int connection, Answer answer, boolean open) {
        Sample sample = sample(answer);
        return new Refuser(
                connection,
                answer.address(),
                sample == null ? null : ClockEstimate.of(sample),
                open,
                answer.receivedAt());
    }

    /** The refuser after another 401 over its connection. */
    Refuser again(Answer answer, boolean stillOpen) {
        Sample sample = sample(answer);
        ClockEstimate next = clock;
        if (sample != null) {
            next = clock == null ? ClockEstimate.of(sample) : clock.with(sample);
        }
        return new Refuser(connection, address, next, stillOpen, answer.receivedAt());
    }

    /** The refuser once its connection is lost. */
    Refuser lost(Instant now) {
        return new Refuser(connection, address, clock, false, now);
    }

    /** When its clock has reached {@code from} for certain; null when its clock is not known. */
    @Nullable
    Instant acceptsBy(Instant from) {
        return clock == null ? null : clock.latest(from);
    }

    private static @Nullable Sample sample(Answer answer) {
        return answer.date() == null ? null : new Sample(answer.sentAt(), answer.receivedAt(), answer.date());
    }
}
