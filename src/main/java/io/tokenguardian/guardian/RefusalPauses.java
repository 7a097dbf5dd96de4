package io.tokenguardian.guardian;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.replica.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Limits how often refusals that the proxy receives reach the guardian, per kind. May be used by any thread. */
final class RefusalPauses {

    private static final Backoff BY_CLOCK = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1));

    /** They grow: if these refusals continue, the probes have disproved them, or the verdict already reports them. */
    private static final Backoff OTHER = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

    /** The last refusal that was passed to the guardian; {@code inARow} counts from 1. */
    private record Last(int inARow, Instant at) {}

    private final Map<Answer.RefusalKind, Last> lasts = new HashMap<>();

    /**
     * Returns whether a refusal of this kind may be passed to the guardian. If so, a pause begins. If less time has
     * passed since the end of the previous pause than that pause lasted, the new pause is twice as long, up to the
     * limit.
     */
    synchronized boolean isOver(Answer.RefusalKind kind, Instant now) {
        Last last = lasts.get(kind);
        int inARow = 1;
        if (last != null) {
            Duration pause = (kind.byClock() ? BY_CLOCK : OTHER).pause(last.inARow(), () -> 0);
            if (now.isBefore(last.at().plus(pause))) {
                return false;
            }
            inARow = now.isBefore(last.at().plus(pause.multipliedBy(2))) ? last.inARow() + 1 : 1;
        }
        lasts.put(kind, new Last(inARow, now));
        return true;
    }

    /** Ends all pauses, because another token has been read. */
    synchronized void end() {
        lasts.clear();
    }
}
