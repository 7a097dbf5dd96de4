package io.tokenguardian.guardian;

import io.tokenguardian.clock.Instants;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a wait for an accepted token needs to know about the statuses so far. Immutable. A pending status does not
 * replace {@code latest} if token and usability are the same, because a verdict is pending only for a few probes.
 * {@code refusedSince} is null if the latest verdict is neither expired nor refused.
 */
public record StatusHistory(TokenStatus latest, @Nullable Instant refusedSince) {
    /** How long kubelet may take to replace a token that expired while neither it nor the guardian ran. */
    static final Duration RENEWAL = Duration.ofMinutes(2);

    /** {@code before} is null for the first status. */
    public static StatusHistory after(@Nullable StatusHistory before, TokenStatus next) {
        boolean otherToken = before == null || !Objects.equals(before.latest.token(), next.token());
        if (before != null
                && !otherToken
                && next.verdict() instanceof Verdict.Pending
                && next.isUsable() == before.latest.isUsable()) {
            return before;
        }
        if (!isRefused(next)) {
            return new StatusHistory(next, null);
        }
        Instant since = before == null || otherToken ? null : before.refusedSince;
        return new StatusHistory(next, since == null ? next.at() : since);
    }

    /** Returns when waiting longer can't help any more; null if the latest verdict is neither expired nor refused. */
    @Nullable
    Instant finalAt(Duration refusalFinalAfter) {
        Instant resumedAt = latest.verdict() instanceof Verdict.Expired ? latest.expiredInGapUntil() : null;
        if (refusedSince == null || resumedAt == null) {
            return refusedSince == null ? null : refusedSince.plus(refusalFinalAfter);
        }
        return Instants.later(refusedSince, resumedAt).plus(RENEWAL);
    }

    private static boolean isRefused(TokenStatus tokenStatus) {
        return tokenStatus.verdict() instanceof Verdict.Refused || tokenStatus.verdict() instanceof Verdict.Expired;
    }
}
