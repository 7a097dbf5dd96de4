package io.tokenguardian.cli;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When {@code wait} has waited long enough. Pure.
 *
 * <p>An accepted token ends it; so does one that is known not to be acceptable before the deadline. A refusal that time
 * does not heal ends it once it has stood for the age of a young token, in which a lagging replica may still come to
 * know the account. A missing file or a silent API server may be there any moment, up to the deadline.
 */
final class Patience {
    private final Instant deadline;
    private final Duration refusalStands;

    Patience(Instant deadline, Duration refusalStands) {
        this.deadline = deadline;
        this.refusalStands = refusalStands;
    }

    /**
     * When to stop if {@code situation} stays as it is; not after {@code now} when that is at once.
     *
     * @param refusedSince since when every verdict was expired or refused; null when the last is not
     */
    Instant ends(Situation situation, @Nullable Instant refusedSince, Instant now) {
        if (situation.isAccepted()) {
            return now;
        }
        if (situation.verdict() instanceof Verdict.NotYetValid notYet) {
            Instant after = notYet.acceptableAfter();
            return after != null && after.isAfter(deadline) ? now : deadline;
        }
        if (refusedSince != null) {
            Instant stands = refusedSince.plus(refusalStands);
            return stands.isBefore(deadline) ? stands : deadline;
        }
        return deadline;
    }

    static boolean isRefused(Situation situation) {
        return situation.verdict() instanceof Verdict.Refused || situation.verdict() instanceof Verdict.Expired;
    }
}
