package io.tokenguardian.cli;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One thread's wait for the situation that ends {@code wait}, while another thread brings the situations. */
final class Vigil implements Consumer<Situation> {
    /** The first situation comes with the guardian's first turn; this is only how long one wait for it is. */
    private static final Duration FIRST_SITUATION = Duration.ofSeconds(1);

    private final Patience patience;
    private final InstantSource timeline;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();

    private @Nullable Situation latest;
    private @Nullable Instant refusedSince;

    Vigil(Patience patience, InstantSource timeline) {
        this.patience = patience;
        this.timeline = timeline;
    }

    @Override
    public void accept(Situation situation) {
        lock.lock();
        try {
            // Pending is what a token's verdict passes through; the one before it is still what there is to say.
            if (!(situation.verdict() instanceof Verdict.Pending) || isOfAnotherToken(situation)) {
                refusedSince = refusedSince(situation);
                latest = situation;
            }
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isOfAnotherToken(Situation situation) {
        return latest == null || !Objects.equals(latest.token(), situation.token());
    }

    private @Nullable Instant refusedSince(Situation situation) {
        if (!Patience.isRefused(situation)) {
            return null;
        }
        return refusedSince == null || isOfAnotherToken(situation) ? situation.at() : refusedSince;
    }

    /** Waits until patience ends, and returns the situation it ended with. */
    Situation await() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                Instant now = timeline.instant();
                Instant ends = ends(now);
                if (latest != null && !ends.isAfter(now)) {
                    return latest;
                }
                news.awaitNanos(Duration.between(now, ends).toNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    /** When the wait ends if nothing happens from {@code now} on. */
    Instant ends(Instant now) {
        lock.lock();
        try {
            return latest == null ? now.plus(FIRST_SITUATION) : patience.ends(latest, refusedSince, now);
        } finally {
            lock.unlock();
        }
    }
}
