package io.tokenguardian.proxy;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Callers that have the same user agent and send their own token, which is older than the token in the file or belongs
 * to another pod. Instants other than those from the token are on the local time line.
 *
 * @param userAgent the sanitized {@code User-Agent}, without tokens
 * @param tokenIssuedAt the {@code iat} of the last token sent, not verified; null if the token belongs to another pod
 * @param replacedAt when another token replaced this token in the file; null if the file has not contained it since the
 *     program started
 * @param wouldFailAt the end of the token's validity window, not verified; null if it belongs to another pod or never
 *     expires
 * @param passedOn whether the token is passed on instead of being replaced: {@code guardian.proxy.authorization=keep}
 */
public record StaleCaller(
        String userAgent,
        @Nullable Instant tokenIssuedAt,
        @Nullable Instant replacedAt,
        @Nullable Instant wouldFailAt,
        long requests,
        Instant lastSeen,
        boolean passedOn) {

    /** The user agent of callers without the header. */
    public static final String NONE = "none";

    /** The user agent that stands for all further user agents once the maximum number has been reached. */
    public static final String OTHER = "other";

    public StaleCaller passedOn(boolean isPassedOn) {
        return new StaleCaller(userAgent, tokenIssuedAt, replacedAt, wouldFailAt, requests, lastSeen, isPassedOn);
    }

    /** Whether the callers send an old token of this pod rather than a token of another pod. */
    public boolean isOfThisPod() {
        return tokenIssuedAt != null;
    }

    /** Whether the API server would refuse the token at the time {@code now}. */
    public boolean isOver(Instant now) {
        return wouldFailAt != null && now.isAfter(wouldFailAt);
    }
}
