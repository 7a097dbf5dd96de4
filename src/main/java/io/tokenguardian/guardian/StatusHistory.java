package io.tokenguardian.guardian;

import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a wait for an accepted token needs to know about the statuses so far. Immutable.
 *
 * @param latest the last status. A pending status does not replace an earlier status of the same token with the same
 *     usability, because a verdict is pending only for a few probes
 * @param refusedSince since when every verdict on the latest token has been expired or refused; null if the latest
 *     verdict is neither
 */
public record StatusHistory(TokenStatus latest, @Nullable Instant refusedSince) {

    /** Returns the history after another status; {@code before} is null for the first status. */
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
