package io.tokenguardian.guardian;

import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The rule how long to wait for an accepted token. {@code wait}, {@code exec} and the proxy share it. Pure.
 *
 * <p>Waiting can't help if the token is certainly not acceptable before the deadline. Nor can it help once a refusal
 * that time does not heal has lasted for the age of a young token. Until that age, a lagging replica may still learn of
 * the account. A missing file or an unreachable API server may recover at any time up to the deadline.
 *
 * @param deadline the end of the wait
 * @param refusalStands how long such a refusal must last to be final; {@code guardian.retry.young-token}
 */
public record WaitPolicy(Instant deadline, Duration refusalStands) {

    /** When to stop waiting if nothing changes; {@code now} or earlier means at once. */
    public Instant endOfWait(StatusHistory history, Instant now) {
        if (history.latest().isAccepted()) {
            return now;
        }
        Instant hopeless = hopelessFrom(history, now);
        return hopeless != null && hopeless.isBefore(deadline) ? hopeless : deadline;
    }

    /** Whether it is known at {@code now} that waiting until the deadline can't help. */
    public boolean isHopeless(StatusHistory history, Instant now) {
        Instant hopeless = hopelessFrom(history, now);
        return hopeless != null && !hopeless.isAfter(now);
    }

    private @Nullable Instant hopelessFrom(StatusHistory history, Instant now) {
        if (history.latest().verdict() instanceof Verdict.NotYetValid notYet) {
            Instant after = notYet.acceptableAfter();
            return after != null && after.isAfter(deadline) ? now : null;
        }
        Instant since = history.refusedSince();
        return since == null ? null : since.plus(refusalStands);
    }
}
