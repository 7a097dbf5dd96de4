package io.tokenguardian.proxy.request;

import org.jspecify.annotations.Nullable;

public enum RetryReason {
    /** The replica's clock has not reached the token's validity window. */
    NOT_YET_VALID("not-yet-valid", SavedReason.CLOCK),

    /** The replica's clock is past the token's end, while other replicas accept the token. */
    EXPIRED("expired", SavedReason.CLOCK),

    /** The token sent is no longer usable, while another token is. */
    OTHER_TOKEN("other-token", SavedReason.ROTATION),

    /** No clock explains the 401, but other replicas accept the token. The replica may lack the account or the key. */
    UNEXPLAINED("unexplained", SavedReason.UNEXPLAINED),

    /** The connection ended before the response arrived. The request was not sent, or can safely be sent twice. */
    CONNECTION_LOST("connection-lost", null);

    private final String word;
    private final @Nullable SavedReason saved;

    RetryReason(String word, @Nullable SavedReason saved) {
        this.word = word;
        this.saved = saved;
    }

    /** Null if the caller would not have got a 401 without the retry. */
    @Nullable
    SavedReason saved() {
        return saved;
    }

    /** The name in metrics and in the log. */
    public String word() {
        return word;
    }
}
