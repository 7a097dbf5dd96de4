package io.tokenguardian.guardian;

import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When somebody has waited long enough for an accepted token: the one rule of {@code wait}, {@code exec} and the proxy. Pure.
 *
 * <p>Waiting can't help once it is known that the token is not acceptable before the deadline, and once a refusal that time
 * does not heal has stood for the age of a young token, in which a lagging replica may still come to know the account. A
 * missing file or a silent API server may be there any moment, up to the deadline.
 *
 * @param deadline the end of the wait
 * @param refusalStands how long such a refusal has to stand; {@code guardian.retry.young-token}
 */
public record Patience(Instant deadline, Duration refusalStands) {

    /** When to stop if everything stays as it is; not after {@code now} when that is at once. */
    public Instant ends(Prospect prospect, Instant now) {
        if (prospect.latest().isAccepted()) {
            return now;
        }
        Instant helpless = helplessFrom(prospect, now);
        return helpless != null && helpless.isBefore(deadline) ? helpless : deadline;
    }

    /** Whether it is known at {@code now} that waiting until the deadline can't help. */
    public boolean isHelpless(Prospect prospect, Instant now) {
        Instant helpless = helplessFrom(prospect, now);
        return helpless != null && !helpless.isAfter(now);
    }

    private @Nullable Instant helplessFrom(Prospect prospect, Instant now) {
        if (prospect.latest().verdict() instanceof Verdict.NotYetValid notYet) {
            Instant after = notYet.acceptableAfter();
            return after != null && after.isAfter(deadline) ? now : null;
        }
        Instant since = prospect.refusedSince();
        return since == null ? null : since.plus(refusalStands);
    }
}
