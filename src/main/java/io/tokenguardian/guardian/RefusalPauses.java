package io.tokenguardian.guardian;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/**
 * Limits how often refusals that the proxy meets reach the guardian. Each kind has its own pauses, so that no kind
 * waits for another. May be used by any thread.
 */
final class RefusalPauses {

    /** After a refusal that a clock explains. */
    private static final Backoff BY_CLOCK = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1));

    /**
     * After a refusal that no clock explains, which has the guardian probe. If these refusals go on, then the probes
     * have refuted them, or the verdict says so already.
     */
    private static final Backoff OTHER = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

    /**
     * The last refusal that reached the guardian.
     *
     * @param inARow its number in a row of refusals that went on
     */
    private record Last(int inARow, Instant at) {}

    private final Map<HeardRefusal, Last> lasts = new EnumMap<>(HeardRefusal.class);

    /**
     * Whether a refusal of this kind reaches the guardian at {@code now}. If so, a pause begins. It is twice as long as
     * the pause before, if that has ended no longer ago than it took.
     */
    synchronized boolean isOver(HeardRefusal kind, Instant now) {
        Last last = lasts.get(kind);
        int inARow = 1;
        if (last != null) {
            Duration pause = (kind == HeardRefusal.OTHER ? OTHER : BY_CLOCK).pause(last.inARow(), () -> 0);
            if (now.isBefore(last.at().plus(pause))) {
                return false;
            }
            inARow = now.isBefore(last.at().plus(pause.multipliedBy(2))) ? last.inARow() + 1 : 1;
        }
        lasts.put(kind, new Last(inARow, now));
        return true;
    }

    /** Ends all pauses: the guardian has read another token. */
    synchronized void end() {
        lasts.clear();
    }
}
