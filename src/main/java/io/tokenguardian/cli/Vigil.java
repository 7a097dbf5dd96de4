package io.tokenguardian.cli;

import io.tokenguardian.guardian.Patience;
import io.tokenguardian.guardian.Prospect;
import io.tokenguardian.guardian.Situation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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

    private @Nullable Prospect prospect;

    Vigil(Patience patience, InstantSource timeline) {
        this.patience = patience;
        this.timeline = timeline;
    }

    @Override
    public void accept(Situation situation) {
        lock.lock();
        try {
            prospect = Prospect.after(prospect, situation);
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until patience ends, and returns the situation it ended with. */
    Situation await() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                Instant now = timeline.instant();
                Instant ends = ends(now);
                if (prospect != null && !ends.isAfter(now)) {
                    return prospect.latest();
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
            return prospect == null ? now.plus(FIRST_SITUATION) : patience.ends(prospect, now);
        } finally {
            lock.unlock();
        }
    }
}
