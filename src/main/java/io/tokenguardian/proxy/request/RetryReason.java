package io.tokenguardian.proxy.request;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

public enum RetryReason {
    /** The replica's clock has not reached the token's validity window. */
    NOT_YET_VALID(SavedReason.CLOCK),

    /** The replica's clock is past the token's end, while other replicas accept the token. */
    EXPIRED(SavedReason.CLOCK),

    /** The token sent is no longer usable, while another token is. */
    OTHER_TOKEN(SavedReason.ROTATION),

    /** No clock explains the 401, but other replicas accept the token. The replica may lack the account or the key. */
    UNEXPLAINED(SavedReason.UNEXPLAINED),

    /** The connection ended before the response arrived. The request was not sent, or can safely be sent twice. */
    CONNECTION_LOST(null);

    private final @Nullable SavedReason saved;

    RetryReason(@Nullable SavedReason saved) {
        this.saved = saved;
    }

    /** Null if the caller would not have got a 401 without the retry. */
    @Nullable
    SavedReason saved() {
        return saved;
    }

    /** The name in metrics and in the log. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
