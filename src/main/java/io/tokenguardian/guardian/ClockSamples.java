package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Schedules measurements of the replicas' clocks. While the token in use is accepted, the judge requests a probe only
 * every five minutes. While some replicas refuse it, the judge requests probes of these replicas only. If a clock were
 * set in between, the status would show this too late. Therefore, each replica's clock is measured once a minute if the
 * replicas are discovered, or if up to three replicas behind one address have different certificates and new
 * connections reach each in turn. Not thread-safe.
 */
final class ClockSamples {
    /**
     * The maximum time between two measurements of one replica's clock, so that a change in the clock is shown within a
     * minute.
     */
    static final Duration EACH_CLOCK = Duration.ofSeconds(57);

    /**
     * The maximum number of replicas behind one address for which samples are taken. More replicas do not cause more
     * samples.
     */
    static final int MOST_BEHIND_ONE_ADDRESS = 3;

    private final IntSupplier replicas;
    private final DoubleSupplier chance;
    private Instant next = Instant.MAX;

    /** How many replicas the pause that ends at {@link #next} is divided by. */
    private int sharing;

    /**
     * @param replicas returns how many replicas share the samples; if 0, no sample is taken
     * @param chance returns a random number from 0 (inclusive) to 1 (exclusive), for pauses that differ between pods
     */
    ClockSamples(IntSupplier replicas, DoubleSupplier chance) {
        this.replicas = replicas;
        this.chance = chance;
    }

    /**
     * Returns how many replicas share the samples.
     *
     * @param certificates how many different certificates the replicas have presented recently
     */
    static int replicas(ApiServer.Replicas discovered, int certificates) {
        return discovered.count() == 0 ? Math.min(certificates, MOST_BEHIND_ONE_ADDRESS) : discovered.count();
    }

    /** Schedules a probe of {@code inUse} if a sample is due at {@code now}. */
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

    /**
     * Returns whether a sample is due at {@code now}. If one is due, the next pause begins.
     *
     * @param usable whether some replica accepts the token in use; if none does, no sample is due, because the guardian
     *     searches for one
     */
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
