package io.tokenguardian.guardian;

import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a wait for an accepted token needs to know about the statuses so far. Immutable. A pending status does not
 * replace {@code latest} if token and usability are the same, because a verdict is pending only for a few probes.
 * {@code refusedSince} is null if the latest verdict is neither expired nor refused.
 */
public record StatusHistory(TokenStatus latest, @Nullable Instant refusedSince) {

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

    private static boolean isRefused(TokenStatus tokenStatus) {
        return tokenStatus.verdict() instanceof Verdict.Refused || tokenStatus.verdict() instanceof Verdict.Expired;
    }
}
