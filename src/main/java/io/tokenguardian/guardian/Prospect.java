package io.tokenguardian.guardian;

import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the situations so far come to for somebody who waits for an accepted token; immutable.
 *
 * @param latest the last situation that says something: pending is what a token's verdict passes through, so that the one
 *     before it still stands, unless it was about another token
 * @param refusedSince since when every verdict on that token was expired or refused; null when the last is not
 */
public record Prospect(Situation latest, @Nullable Instant refusedSince) {

    /** The prospect after one more situation; {@code before} is null for the first. */
    public static Prospect after(@Nullable Prospect before, Situation next) {
        boolean otherToken = before == null || !Objects.equals(before.latest.token(), next.token());
        if (before != null && !otherToken && next.verdict() instanceof Verdict.Pending) {
            return before;
        }
        if (!isRefused(next)) {
            return new Prospect(next, null);
        }
        Instant since = before == null || otherToken ? null : before.refusedSince;
        return new Prospect(next, since == null ? next.at() : since);
    }

    private static boolean isRefused(Situation situation) {
        return situation.verdict() instanceof Verdict.Refused || situation.verdict() instanceof Verdict.Expired;
    }
}
