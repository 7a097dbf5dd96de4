package io.tokenguardian.cli;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.WaitPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Blocks one thread until a token status ends the {@code wait}, while another thread delivers the statuses. */
final class StatusWait implements Consumer<TokenStatus> {
    /** How long to wait at a time for the first token status, which comes from the guardian's loop. */
    private static final Duration FIRST_STATUS = Duration.ofSeconds(1);

    static final Duration LONG = Duration.ofSeconds(30);

    private final WaitPolicy waitPolicy;
    private final InstantSource timeline;

    private @Nullable TokenStatus latest;

    StatusWait(WaitPolicy waitPolicy, InstantSource timeline) {
        this.waitPolicy = waitPolicy;
        this.timeline = timeline;
    }

    @Override
    public synchronized void accept(TokenStatus tokenStatus) {
        latest = tokenStatus;
        notifyAll();
    }

    synchronized TokenStatus await() throws InterruptedException {
        while (true) {
            Instant now = timeline.instant();
            Instant ends = endOfWait(now);
            if (latest != null && !ends.isAfter(now)) {
                return latest;
            }
            TimeUnit.NANOSECONDS.timedWait(this, Duration.between(now, ends).toNanos());
        }
    }

    /** Whether the wait goes on for at least {@link #LONG} if no further status is delivered. */
    boolean isLong() {
        Instant now = timeline.instant();
        return !endOfWait(now).isBefore(now.plus(LONG));
    }

    /** Returns the time at which the wait ends if no further status is delivered after {@code now}. */
    synchronized Instant endOfWait(Instant now) {
        return latest == null ? now.plus(FIRST_STATUS) : waitPolicy.endOfWait(latest, now);
    }
}
