package io.tokenguardian.cli;

import io.tokenguardian.guardian.StatusHistory;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.WaitPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Blocks one thread until a token status ends the {@code wait}, while another thread delivers the statuses. */
final class StatusWait implements Consumer<TokenStatus> {
    /** How long to wait at a time for the first token status, which comes from the guardian's loop. */
    private static final Duration FIRST_STATUS = Duration.ofSeconds(1);

    static final Duration LONG = Duration.ofSeconds(30);

    private final WaitPolicy waitPolicy;
    private final InstantSource timeline;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition statusDelivered = lock.newCondition();

    private @Nullable StatusHistory history;

    StatusWait(WaitPolicy waitPolicy, InstantSource timeline) {
        this.waitPolicy = waitPolicy;
        this.timeline = timeline;
    }

    @Override
    public void accept(TokenStatus tokenStatus) {
        lock.lock();
        try {
            history = StatusHistory.after(history, tokenStatus);
            statusDelivered.signalAll();
        } finally {
            lock.unlock();
        }
    }

    TokenStatus await() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                Instant now = timeline.instant();
                Instant ends = endOfWait(now);
                if (history != null && !ends.isAfter(now)) {
                    return history.latest();
                }
                statusDelivered.awaitNanos(Duration.between(now, ends).toNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the wait goes on for at least {@link #LONG} if no further status is delivered. */
    boolean isLong() {
        Instant now = timeline.instant();
        return !endOfWait(now).isBefore(now.plus(LONG));
    }

    /** Returns the time at which the wait ends if no further status is delivered after {@code now}. */
    Instant endOfWait(Instant now) {
        lock.lock();
        try {
            return history == null ? now.plus(FIRST_STATUS) : waitPolicy.endOfWait(history, now);
        } finally {
            lock.unlock();
        }
    }
}
