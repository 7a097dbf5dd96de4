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
    public Instant endOfWait(TokenStatus tokenStatus, Instant now) {
        if (acceptedBy.isMet(tokenStatus)) {
            return now;
        }
        Instant hopeless = hopelessFrom(tokenStatus, now);
        return hopeless != null && hopeless.isBefore(deadline) ? hopeless : deadline;
    }

    public boolean isHopeless(TokenStatus tokenStatus, Instant now) {
        Instant hopeless = hopelessFrom(tokenStatus, now);
        return hopeless != null && !hopeless.isAfter(now);
    }

    private @Nullable Instant hopelessFrom(TokenStatus tokenStatus, Instant now) {
        if (tokenStatus.verdict() instanceof Verdict.NotYetValid last) {
            Verdict.NotYetValid awaited =
                    acceptedBy == AcceptedBy.ANY ? tokenStatus.usable().first() : last;
            Instant after = awaited == null ? null : awaited.acceptableAfter();
            return after != null && after.isAfter(deadline) ? now : null;
        }
        return tokenStatus.finalAt(refusalFinalAfter);
    }
}
