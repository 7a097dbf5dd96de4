package io.tokenguardian.guardian;

import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait for an accepted token. {@code wait}, {@code exec} and the proxy share this rule. Waiting can't help
 * if the token is certain to become acceptable only after the deadline, or once the verdict has been expired or refused
 * for {@link #refusalFinalAfter}. Until then, a lagging replica may still learn about the service account. After a gap
 * in which the guardian did not run, kubelet may still replace an expired token. A missing file or an unreachable API
 * server may recover at any time up to the deadline.
 */
public record WaitPolicy(Instant deadline, Duration refusalFinalAfter, AcceptedBy acceptedBy) {

    /** Returns when to stop waiting if nothing changes; {@code now} or earlier means to stop at once. */
    public Instant endOfWait(StatusHistory history, Instant now) {
        if (acceptedBy.isMet(history.latest())) {
            return now;
        }
        Instant hopeless = hopelessFrom(history, now);
        return hopeless != null && hopeless.isBefore(deadline) ? hopeless : deadline;
    }

    public boolean isHopeless(StatusHistory history, Instant now) {
        Instant hopeless = hopelessFrom(history, now);
        return hopeless != null && !hopeless.isAfter(now);
    }

    private @Nullable Instant hopelessFrom(StatusHistory history, Instant now) {
        if (history.latest().verdict() instanceof Verdict.NotYetValid last) {
            Verdict.NotYetValid awaited =
                    acceptedBy == AcceptedBy.ANY ? history.latest().usable().first() : last;
            Instant after = awaited == null ? null : awaited.acceptableAfter();
            return after != null && after.isAfter(deadline) ? now : null;
        }
        return history.finalAt(refusalFinalAfter);
    }
}
