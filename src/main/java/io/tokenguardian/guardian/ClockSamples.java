package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures each replica's clock once a minute, so that the status shows a change soon. The judge's probes are rarer
 * while the token is accepted; while some replicas refuse it, they go only to these. Applies to discovered replicas,
 * and to up to three replicas behind one address if their certificates differ. Not thread-safe.
 */
final class ClockSamples {
    /** The maximum time between two measurements of one replica's clock, so that a change is shown within a minute. */
    static final Duration EACH_CLOCK = Duration.ofSeconds(57);

    /** More replicas behind one address do not cause more samples. */
    static final int MOST_BEHIND_ONE_ADDRESS = 3;

    private final IntSupplier replicas;
    private final DoubleSupplier chance;
    private Instant next = Instant.MAX;

    /** How many replicas the pause that ends at {@link #next} is divided by. */
    private int sharing;

    ClockSamples(IntSupplier replicas, DoubleSupplier chance) {
        this.replicas = replicas;
        this.chance = chance;
    }

    /** Returns how many replicas share the samples. */
    static int replicas(ApiServer.Replicas discovered, int certificates) {
        return discovered.count() == 0 ? Math.min(certificates, MOST_BEHIND_ONE_ADDRESS) : discovered.count();
    }

    void schedule(@Nullable GuardedToken inUse, Instant now) {
        boolean usable = inUse != null && inUse.isUsable(now);
        if (isDue(usable, now) && inUse != null) {
            inUse.scheduleExtraProbe();
        }
    }

    /** Returns when the next sample is due; {@link Instant#MAX} if never. */
    Instant next() {
        return next;
    }

    /** If a sample is due, the next pause begins. None is due without a usable token, because a search runs. */
    boolean isDue(boolean usable, Instant now) {
        boolean due = usable && !now.isBefore(next);
        int count = replicas.getAsInt();
        if (!usable || count == 0) {
            next = Instant.MAX;
        } else if (due || next.equals(Instant.MAX) || count > sharing) {
            sharing = count;
            Duration longest = EACH_CLOCK.dividedBy(count);
            next = now.plus(new Backoff(longest, longest).pause(1, chance));
        }
        return due;
    }
}
