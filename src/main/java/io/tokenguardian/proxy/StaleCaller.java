package io.tokenguardian.proxy;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The callers of one user agent that send a token of their own which is older than the file's, or not this pod's.
 *
 * @param userAgent sanitised, without tokens; {@code none} without the header, {@code other} for all that are too many
 * @param tokenIssuedAt {@code iat} of the token that was sent last; null if it is not this pod's. Neither it nor
 *     {@code wouldFailAt} is verified
 * @param replacedAt when another token took its place, on the local time line; null if the file has not had it since
 *     the start, or if it is not this pod's
 * @param wouldFailAt the end of that token's validity window; null if it is not this pod's, or never ends
 * @param requests how many requests came with these tokens
 * @param lastSeen when the last of them came, on the local time line
 * @param passedOn whether the token is sent on as it is, not replaced: {@code guardian.proxy.authorization=keep}
 */
public record StaleCaller(
        String userAgent,
        @Nullable Instant tokenIssuedAt,
        @Nullable Instant replacedAt,
        @Nullable Instant wouldFailAt,
        long requests,
        Instant lastSeen,
        boolean passedOn) {

    /** The user agent of callers that send none. */
    public static final String NONE = "none";

    /** The user agent of all that come when enough are known. */
    public static final String OTHER = "other";

    /** The same with another {@link #passedOn}. */
    public StaleCaller passedOn(boolean isPassedOn) {
        return new StaleCaller(userAgent, tokenIssuedAt, replacedAt, wouldFailAt, requests, lastSeen, isPassedOn);
    }

    StaleCaller counted(long count, Instant now) {
        return new StaleCaller(userAgent, tokenIssuedAt, replacedAt, wouldFailAt, count, now, passedOn);
    }

    /** Whether it sends a token of this pod, which was replaced; otherwise the token is not this pod's. */
    public boolean isOfThisPod() {
        return tokenIssuedAt != null;
    }

    /** Whether the API server would refuse the token at {@code now}. */
    public boolean isOver(Instant now) {
        return wouldFailAt != null && now.isAfter(wouldFailAt);
    }
}
