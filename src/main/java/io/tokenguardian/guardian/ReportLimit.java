package io.tokenguardian.guardian;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.DoubleSupplier;

/**
 * Limits how often refusals that the proxy receives reach the guardian, for each token and kind of refusal. May be used
 * by any thread.
 */
final class ReportLimit {

    private static final Backoff BY_CLOCK = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1));

    /** They grow: if these refusals continue, the probes have disproved them, or the verdict already reports them. */
    private static final Backoff OTHER = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

    private record Cause(Finding finding, boolean inDoubt) {}

    /** The pause after the last refusal that was passed to the guardian; {@code inARow} counts from 1. */
    private record Pause(int inARow, Duration length, Instant end) {}

    private final DoubleSupplier chance;

    private final Map<Token, Map<Cause, Pause>> pauses = new WeakHashMap<>();

    ReportLimit(DoubleSupplier chance) {
        this.chance = chance;
    }

    /**
     * Returns whether this refusal may be passed to the guardian. If so, a pause begins for refusals of its kind. If
     * less time has passed since the end of the previous pause than that pause lasted, the new pause is twice as long,
     * up to the limit.
     */
    synchronized boolean admits(Answer refusal, Instant now) {
        Map<Cause, Pause> ofToken = pauses.computeIfAbsent(refusal.token(), token -> new HashMap<>());
        Cause cause = new Cause(refusal.finding(), refusal.inDoubt());
        Pause last = ofToken.get(cause);
        if (last != null && now.isBefore(last.end())) {
            return false;
        }
        int inARow = last != null && now.isBefore(last.end().plus(last.length())) ? last.inARow() + 1 : 1;
        Duration length = (cause.finding().isByClock() ? BY_CLOCK : OTHER).pause(inARow, chance);
        ofToken.put(cause, new Pause(inARow, length, now.plus(length)));
        return true;
    }

    synchronized void reset() {
        pauses.clear();
    }
}
