package io.tokenguardian.proxy.request;

import org.jspecify.annotations.Nullable;

public enum RetryReason {
    /** A 401 from a replica whose clock has not reached the token's validity window. */
    NOT_YET_VALID("not-yet-valid", SavedReason.CLOCK),

    /** A 401 from a replica whose clock is past the token's end, while other replicas accept the token. */
    EXPIRED("expired", SavedReason.CLOCK),

    /** A 401 dated in the second in which the validity window begins. */
    CROSSING("crossing", SavedReason.CLOCK),

    /** A 401 for a token that is no longer usable, while another token is usable. */
    OTHER_TOKEN("other-token", SavedReason.ROTATION),

    /**
     * A 401 that no clock explains, while other replicas accept the token. The replica may not know the account or the
     * key.
     */
    UNEXPLAINED("unexplained", SavedReason.UNEXPLAINED),

    /**
     * The connection ended before the response arrived, usually after being idle for a long time. The request was not
     * sent, or can safely be sent twice.
     */
    CONNECTION_LOST("connection-lost", null);

    private final String word;
    private final @Nullable SavedReason saved;

    RetryReason(String word, @Nullable SavedReason saved) {
        this.word = word;
        this.saved = saved;
    }

    /** Why the caller would have got a 401 without the retry; null if it would not have got a 401. */
    @Nullable
    SavedReason saved() {
        return saved;
    }

    /** The name in metrics and in the log. */
    public String word() {
        return word;
    }
}
